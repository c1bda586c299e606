"""The page that `starloop evaluate` writes."""

from pathlib import Path

import pytest

from starloop.evaluation import bar, rendering, report
from starloop.model.labels import labels
from starloop.model.params import TrainParams
from starloop.params import Params
from starloop.sky.simulator.write import make_sky

FAST = Params(train=TrainParams(rounds=15, folds=2, max_depth=3, eta=0.3))


def test_the_page_has_every_part_and_its_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sky = make_sky(tmp_path / "sky", objects=90, seed=2, kinds=["RRAB", "SNIA"], tess=0, workers=1)
    found = labels(sky.read("catalogues"))
    class_of = dict(zip(found["oid"].to_pylist(), found["label"].to_pylist(), strict=True))
    monkeypatch.setattr(bar, "CLASSES", ("SNIa", "RRL"))
    monkeypatch.setattr(
        bar, "objects", lambda sky: {oid: label for oid, label in class_of.items() if label in bar.CLASSES}
    )
    page, steps = tmp_path / "docs" / "evaluation.md", []
    met = report.write(sky, sky, FAST, page, "make evaluate", lambda: steps.append(1))
    assert len(steps) == report.STEPS
    text = page.read_text()
    for one in met:
        assert f"| {one.name} | {one.figure.value:.3f} (" in text
        assert f"| {'met' if one.met else '**missed**'} |" in text
    for part in ("Superphot+", "days of data | 16 | 32 |", "past to future", "row by row", "| test | "):
        assert part in text
    assert (Path(rendering.__file__).parent / "tries.md").read_text().strip() in text
    drawn = sorted(path.name for path in (page.parent / "pictures").iterdir())
    assert drawn
    assert all(f"](pictures/{name})" in text for name in drawn)
    assert text.count("](pictures/") == len(drawn)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in rows)
