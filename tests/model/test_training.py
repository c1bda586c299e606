"""Training gives the same bytes for the same rows, learns what can be learnt, and says what it does not know."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from starloop.errors import BadInput, OldModel
from starloop.model.bundle import BOOSTER, FACTS, FOREST, UNCERTAIN, Classifier
from starloop.model.dataset import labelled
from starloop.model.evaluation import evaluate

Toy = Callable[..., pa.Table]
Fit = Callable[[pa.Table, Path], Path]


def test_same_rows_give_the_same_bytes(rows: pa.Table, fit: Fit, model: Path, tmp_path: Path) -> None:
    again = fit(rows, tmp_path / "model")
    for name in (BOOSTER, FACTS, FOREST):
        assert (again / name).read_bytes() == (model / name).read_bytes()


def test_a_separable_set_is_learnt(rows: pa.Table, model: Path) -> None:
    classifier = Classifier.load(model)
    result = evaluate(classifier, labelled(rows, "test"))
    assert classifier.bundle.classes == ["SNIa", "QSO", "RRL"]
    assert result["macro_f1"] > 0.9
    assert result["objects"] == 40
    assert classifier.bundle.metrics["labelled"] == 160


def test_probabilities_sum_to_one_and_missing_values_are_allowed(model: Path) -> None:
    empty = pa.table({name: pa.nulls(3, pa.float32()) for name in ("period", "colour")})
    probabilities = Classifier.load(model).probabilities(empty)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert Classifier.load(model).probabilities(empty.slice(0, 0)).shape == (0, 3)


def test_below_its_threshold_a_class_is_not_named(model: Path) -> None:
    classifier = Classifier.load(model)
    strict = Classifier(
        classifier.bundle.model_copy(update={"thresholds": {"SNIa": 0.9, "QSO": 0.2, "RRL": 0.9}}), classifier.booster
    )
    probabilities = np.array([[0.8, 0.1, 0.1], [0.95, 0.05, 0.0], [0.3, 0.4, 0.3]])
    assert strict.decide(probabilities) == [UNCERTAIN, "SNIa", "QSO"]


def test_rare_leaves_are_folded_or_dropped_and_the_bundle_says_so(toy: Toy, fit: Fit, tmp_path: Path) -> None:
    few = toy({"SNIa": 60, "SNII": 8, "SLSN": 8, "RRL": 60, "TDE": 0, "YSO": 4})
    bundle = Classifier.load(fit(few, tmp_path / "model")).bundle
    assert bundle.classes == ["SNIa", "transient-other", "RRL"]
    assert bundle.folded == {"SLSN": "transient-other", "SNII": "transient-other"}
    assert bundle.dropped == {"YSO": 3}
    assert bundle.trained_as("SLSN") == "transient-other"
    assert bundle.trained_as("YSO") is None


def test_one_class_is_not_enough(toy: Toy, fit: Fit, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="two are needed"):
        fit(toy({"RRL": 60, "QSO": 3}), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_booster_without_its_own_bundle_is_refused(model: Path, other_model: Path, tmp_path: Path) -> None:
    (tmp_path / BOOSTER).write_bytes((other_model / BOOSTER).read_bytes())
    (tmp_path / FACTS).write_bytes((model / FACTS).read_bytes())
    with pytest.raises(BadInput, match="is not the booster"):
        Classifier.load(tmp_path)


def test_a_bundle_of_an_earlier_form_is_told_from_a_broken_one(model: Path, tmp_path: Path) -> None:
    (tmp_path / BOOSTER).write_bytes((model / BOOSTER).read_bytes())
    told = json.loads((model / FACTS).read_text())
    earlier = {name: value for name, value in told.items() if name not in ("form", "weights", "parameters")}
    (tmp_path / FACTS).write_text(json.dumps({**earlier, "calibration": 1.3}))
    with pytest.raises(OldModel, match="is of form 1 and this code reads form 2: train again"):
        Classifier.load(tmp_path)
    (tmp_path / FACTS).write_text(json.dumps({**told, "calibration": 1.3}))
    with pytest.raises(BadInput, match=r"is not a bundle: .*calibration") as broken:
        Classifier.load(tmp_path)
    assert not isinstance(broken.value, OldModel)


def test_a_missing_feature_is_named(model: Path) -> None:
    with pytest.raises(BadInput, match="lacks the model's feature period"):
        Classifier.load(model).probabilities(pa.table({"colour": pa.array([1.0], pa.float32())}))
