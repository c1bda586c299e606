"""params.yaml: the one in the repository is usable, and a slip in it is one sentence that names it."""

from pathlib import Path

import pytest

from starloop import pipeline
from starloop.errors import BadInput
from starloop.params import Params


def test_the_knobs_of_the_repository_are_usable() -> None:
    assert Params.read(pipeline.ROOT / "params.yaml").retrain.growth == 0.5


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("drift: {treshold: 1}", "drift.treshold: Extra inputs are not permitted"),
        ("dataset: {test_share: 2}", "dataset.test_share: Input should be less than 1"),
        ("drift: {nights: 2, agree: 3}", "agree (3) is more than nights (2)"),
        ("trian: {}", "trian: Extra inputs"),
        ("- a\n- list", "file: Input should be a valid dictionary"),
        ("train: {eta: ", "is not YAML"),
    ],
)
def test_a_slip_is_named(text: str, named: str, tmp_path: Path) -> None:
    path = tmp_path / "params.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        Params.read(path)
    assert named in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)
