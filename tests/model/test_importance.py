"""What the answers rest on: the features that tell the classes apart, and none that do not."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from starloop.errors import BadInput
from starloop.model.boosting import hold_out
from starloop.model.bundle import Classifier
from starloop.model.importance import contributions, deciding, importances
from starloop.model.params import TrainParams
from tests.model.noisy import noisy

PARAMS = TrainParams(rounds=40, patience=5, eta=0.3, max_depth=3, folds=2)


def test_features_that_tell_classes_apart_come_first_and_a_class_has_its_own() -> None:
    rows = noisy()
    told = importances(rows, hold_out(rows, PARAMS), ["A", "B", "C"], 1)
    assert {name for name, _ in told["overall"][:2]} == {"one", "two"}
    assert (told["classes"]["B"][0][0], told["classes"]["C"][0][0]) == ("one", "two")
    assert told == importances(rows, hold_out(rows, PARAMS), ["A", "B", "C"], 1)


def test_contributions_add_up_to_the_classes_margins(model: Path, rows: pa.Table) -> None:
    import xgboost as xgb

    classifier = Classifier.load(model)
    names = classifier.bundle.features
    values = np.column_stack([rows[name].to_numpy() for name in names]).astype(np.float32)
    told = contributions(classifier.booster, values, names)
    margins = classifier.booster.predict(xgb.DMatrix(values, feature_names=names), output_margin=True)
    np.testing.assert_allclose(told.sum(axis=1), 0, atol=1e-5)
    remainder = (margins - margins.mean(axis=1, keepdims=True)) - told.sum(axis=2)
    np.testing.assert_allclose(remainder, np.broadcast_to(remainder[0], remainder.shape), atol=1e-4)


def test_what_decided_one_object_is_named_with_its_values(model: Path, rows: pa.Table) -> None:
    classifier = Classifier.load(model)
    one = rows.slice(0, 1)
    told = deciding(classifier, one, k=2)
    assert {name: value for name, value, _ in told} == {name: one[name][0].as_py() for name in ("colour", "period")}
    assert abs(told[0][2]) >= abs(told[1][2])
    assert told[0][2] > 0
    assert len(deciding(classifier, one, k=1)) == 1


def test_a_missing_value_that_decided_is_told_as_missing(model: Path) -> None:
    empty = pa.table({name: pa.nulls(1, pa.float32()) for name in ("colour", "period")})
    assert {value for _, value, _ in deciding(Classifier.load(model), empty)} == {None}


def test_what_decided_is_asked_of_one_object_at_a_time(model: Path, rows: pa.Table) -> None:
    with pytest.raises(BadInput, match="2 were given"):
        deciding(Classifier.load(model), rows.slice(0, 2))


def test_a_model_folder_tells_its_importances(model: Path) -> None:
    told = json.loads((model / "importances.json").read_text())
    assert sorted(told["classes"]) == ["QSO", "RRL", "SNIa"]
    assert sorted(name for name, _ in told["overall"]) == ["colour", "period"]
