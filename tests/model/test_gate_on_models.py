"""The gate, with trained models."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.gate import decide
from starloop.model.matching import common
from starloop.model.params import GateParams

Toy = Callable[..., pa.Table]
Fit = Callable[[pa.Table, Path], Path]


@pytest.fixture(scope="module")
def held_out(rows: pa.Table) -> pa.Table:
    return labelled(rows, "test")


def test_a_first_champion_needs_the_floors(model: Path, held_out: pa.Table) -> None:
    classifier = Classifier.load(model)
    assert decide(classifier, None, held_out, GateParams()).promote
    shuffled = np.random.default_rng(0).permutation(held_out["label"].to_pylist())
    guessing = held_out.set_column(held_out.schema.get_field_index("label"), "label", pa.array(shuffled, pa.string()))
    verdict = decide(classifier, None, guessing, GateParams(floor_macro_f1=0.6))
    assert not verdict.promote
    assert "below the floor" in verdict.reasons[1]


def test_without_test_objects_nothing_is_promoted(model: Path, held_out: pa.Table) -> None:
    classifier = Classifier.load(model)
    assert not decide(classifier, None, held_out.slice(0, 0), GateParams()).promote
    assert not decide(classifier, classifier, held_out.slice(0, 0), GateParams()).promote


def test_a_champion_of_other_features_is_not_compared(model: Path, other_model: Path, held_out: pa.Table) -> None:
    champion = Classifier.load(model)
    older = replace(champion, bundle=champion.bundle.model_copy(update={"feature_schema": "older"}))
    assert "no longer extracted" in decide(Classifier.load(other_model), older, held_out, GateParams()).reasons[0]


def test_models_that_fold_differently_are_compared_folded(toy: Toy, fit: Fit, model: Path, tmp_path: Path) -> None:
    finer = {"SNIa": 60, "SNII": 60, "SLSN": 60, "RRL": 60}
    coarser = toy({**finer, "SNII": 8, "SLSN": 8})
    fine = Classifier.load(fit(toy(finer), tmp_path / "fine"))
    coarse = Classifier.load(fit(coarser, tmp_path / "coarse"))
    assert common(fine, coarse) == {"SNIa": "SNIa", "SNII": "SNII+SLSN", "SLSN": "SNII+SLSN", "RRL": "RRL"}
    assert common(fine, Classifier.load(model)) == {"SNIa": "SNIa", "RRL": "RRL"}
    assert (
        decide(coarse, fine, labelled(toy(finer), "test"), GateParams()).scores["challenger_recall"]["SNII+SLSN"] > 0.8
    )
