"""What is odd ranks high whatever its class, and nobody is odd for what was not measured."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numpy.typing import NDArray

from starloop.endpoint import smoke
from starloop.endpoint.answering import VERSION_FILE, Answering
from starloop.endpoint.schemas import LightCurve
from starloop.errors import BadInput, NotPromoted
from starloop.features import schema
from starloop.features.assembly import TABLES, curves
from starloop.features.extract import extract
from starloop.model.anomaly import SAMPLE, TREES, Forest, grow
from starloop.model.bundle import FACTS, FOREST, Classifier, matrix
from starloop.model.labels import labels
from starloop.sky.simulator.kinds import KINDS
from starloop.sky.tables import open_sky
from tests.endpoint.toys import toy_model
from tests.light_curves import simulated

Rows = NDArray[np.float32]
KNOWN = ("RRAB", "EB", "SR", "RSCVN", "SNIA", "SNII", "QSO")
ODD = {"ULENS": 0.7, "CV": 0.95, "MIRA": 0.95, "TDE": 0.85}
"""Kinds that were not trained on, and the least area under the curve at which they are told from those that were."""
TYPED, UNKNOWN = ("SNIa", "SNII", "SNIbc"), ("SLSN", "SNIIn", "CV/Nova", "TDE")


def _drawn(number: int, columns: int = 12, seed: int = 0) -> Rows:
    return np.random.default_rng(seed).normal(size=(number, columns)).astype(np.float32)


def _of_kind(kind: str, number: int, seed: int) -> Rows:
    exposures = np.full(number, 300 if KINDS[kind].least_alerts < 10 else 80)
    drawn, _ = simulated(kind, number, seed, exposures)
    return matrix(extract(drawn.filter(pc.greater_equal(pc.list_value_length(drawn["mjd"]), 6))), list(schema.NAMES))


def _told_apart(usual: NDArray[np.float64], odd: NDArray[np.float64]) -> float:
    from sklearn.metrics import roc_auc_score

    truth = np.repeat([0, 1], [len(usual), len(odd)])
    return float(roc_auc_score(truth, np.concatenate([usual, odd])))


@pytest.fixture(scope="module")
def forest() -> Forest:
    return grow(_drawn(600), 1)


def test_the_same_rows_and_seed_give_the_same_bytes_and_another_seed_others(forest: Forest) -> None:
    assert grow(_drawn(600), 1).written() == forest.written()
    assert grow(_drawn(600), 2).written() != forest.written()


def test_a_forest_that_was_kept_says_the_same(forest: Forest) -> None:
    asked = _drawn(50, seed=3)
    np.testing.assert_array_equal(Forest.read(forest.written()).anomaly(asked), forest.anomaly(asked))


def test_of_rows_without_gaps_it_says_what_scikit_learn_says(forest: Forest) -> None:
    from sklearn.ensemble import IsolationForest

    theirs = IsolationForest(n_estimators=TREES, max_samples=SAMPLE, random_state=1).fit(_drawn(600))
    asked = _drawn(200, seed=3)
    cuts = -np.log2(-theirs.score_samples(asked))
    ours = forest.path_lengths(asked)
    np.testing.assert_allclose(ours / ours[0], cuts / cuts[0])


def test_a_row_alone_has_the_bits_it_has_among_others(forest: Forest) -> None:
    asked = _drawn(130, seed=3)
    asked[::3, ::2] = np.nan
    alone = np.concatenate([forest.anomaly(asked[number : number + 1]) for number in range(len(asked))])
    np.testing.assert_array_equal(forest.anomaly(asked), alone)
    assert forest.anomaly(asked[:0]).shape == (0,)


def test_the_score_is_the_share_of_training_objects_that_are_less_odd(forest: Forest) -> None:
    trained, others = forest.anomaly(_drawn(600)), forest.anomaly(_drawn(2000, seed=3))
    for share in (0.1, 0.5, 0.9):
        assert np.mean(trained < share) == pytest.approx(share, abs=0.01)
        assert np.mean(others < share) == pytest.approx(share, abs=0.1)


def test_of_two_odder_than_all_training_objects_the_odder_one_is_higher(forest: Forest) -> None:
    far = np.zeros((2, 12), np.float32)
    far[0, :6] = far[1, :9] = 30.0
    told = forest.anomaly(far)
    assert 0.99 < told[0] < told[1] < 1


def test_values_that_are_missing_make_no_row_odder(forest: Forest) -> None:
    whole = _drawn(500, seed=4)
    gaps = whole.copy()
    gaps[np.random.default_rng(5).uniform(size=whole.shape) < 0.5] = np.nan
    assert forest.anomaly(gaps).mean() < forest.anomaly(whole).mean() + 0.05
    assert np.mean(forest.anomaly(gaps) > 0.95) < np.mean(forest.anomaly(whole) > 0.95)


def test_a_small_group_that_lacks_what_the_others_have_is_not_odd_for_it() -> None:
    """One in eight has the second half of the features and the others the first, as supernovae and variable stars."""
    rows = _drawn(1600)
    few = np.arange(len(rows)) % 8 == 0
    rows[np.ix_(few, np.arange(12) < 6)] = np.nan
    rows[np.ix_(~few, np.arange(12) >= 6)] = np.nan
    told = grow(rows[:800], 1).anomaly(rows[800:])
    assert 0.3 < _told_apart(told[~few[800:]], told[few[800:]]) < 0.7


@pytest.fixture(scope="module")
def simulated_forest() -> Forest:
    return grow(np.concatenate([_of_kind(kind, 40, 1) for kind in KNOWN]), 1)


@pytest.fixture(scope="module")
def usual(simulated_forest: Forest) -> NDArray[np.float64]:
    return simulated_forest.anomaly(np.concatenate([_of_kind(kind, 15, 2) for kind in KNOWN]))


@pytest.mark.parametrize("kind", ODD)
def test_a_kind_of_object_nobody_trained_on_ranks_high(
    simulated_forest: Forest, usual: NDArray[np.float64], kind: str
) -> None:
    assert _told_apart(usual, simulated_forest.anomaly(_of_kind(kind, 25, 3))) > ODD[kind]


def test_real_transients_of_classes_nobody_trained_on_rank_high(recorded_sky: Path) -> None:
    sky = open_sky(recorded_sky)
    known = labels(sky.read("catalogues"))
    of = {leaf: known.filter(pc.field("label") == leaf)["oid"].to_pylist() for leaf in (*TYPED, *UNKNOWN)}
    chosen = pa.array(sorted(oid for leaf in of for oid in sorted(of[leaf])[:: 3 if leaf in TYPED else 1]))
    tables = {name: sky.read(name) for name in TABLES}
    tables["detections"] = tables["detections"].filter(pc.is_in(tables["detections"]["oid"], value_set=chosen))
    features = extract(curves(tables, recorded_sky / "tess"))
    rows = matrix(features, list(schema.NAMES))
    typed = np.isin(features["oid"].to_pylist(), [oid for leaf in TYPED for oid in of[leaf]])
    asked = np.arange(len(rows)) % 3 == 0
    forest = grow(rows[typed & ~asked], 1)
    assert _told_apart(forest.anomaly(rows[typed & asked]), forest.anomaly(rows[~typed])) > 0.75


@pytest.fixture
def earlier(tmp_path: Path) -> Iterator[Path]:
    """A model folder from before there was an anomaly score."""
    folder = toy_model(tmp_path / "model", "a" * 32)
    told = json.loads((folder / FACTS).read_text())
    del told["forest"]
    (folder / FACTS).write_text(json.dumps(told))
    (folder / FOREST).unlink()
    (folder / VERSION_FILE).write_text('{"version": 1}')
    yield folder
    shutil.rmtree(folder)


CURVE = {"id": "a", "mjd": [1.0, 2.0, 3.0], "mag": [18.0, 18.1, 18.2], "err": [0.1, 0.1, 0.1], "band": ["g", "r", "g"]}


def test_a_version_from_before_there_was_a_score_answers_without_it(earlier: Path) -> None:
    answers, _ = Answering.load(earlier).answer([LightCurve.model_validate(CURVE)])
    assert answers[0].anomaly is None


def test_an_answer_has_the_score_and_without_a_usable_point_none(tmp_path: Path) -> None:
    classifier = Classifier.load(toy_model(tmp_path / "model", "a" * 32))
    nothing = {"id": "b", "mjd": [], "mag": [], "err": [], "band": []}
    answers, _ = Answering(classifier, 1).answer([LightCurve.model_validate(one) for one in (CURVE, nothing)])
    assert answers[0].anomaly is not None
    assert 0 < answers[0].anomaly < 1
    assert answers[1].anomaly is None


def test_a_forest_of_another_model_is_refused(model: Path, other_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(model, tmp_path / "model")
    shutil.copy(other_model / FOREST, folder)
    with pytest.raises(BadInput, match=r"is not the forest bundle\.json was written for"):
        Classifier.load(folder)
    (folder / FOREST).unlink()
    with pytest.raises(BadInput, match=r"forest\.npz is missing; train or fetch it again"):
        Classifier.load(folder)


def test_an_endpoint_that_tells_another_anomaly_than_its_model_fails_its_smoke_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = toy_model(tmp_path / "model", "a" * 32)
    answering = Answering(Classifier.load(folder), 1)
    told = [one.model_dump() for one in answering.answer([LightCurve.model_validate(one) for one in smoke.known()])[0]]
    monkeypatch.setattr(smoke, "_asked", lambda *_: (answering.card.model_dump(), told))
    smoke.check("http://127.0.0.1", 1, folder)
    for wrong in (None, told[1]["anomaly"] + 0.01):
        told[1]["anomaly"] = wrong
        with pytest.raises(NotPromoted, match=rf"supernova: its anomaly is {wrong}, the packed model's 0\."):
            smoke.check("http://127.0.0.1", 1, folder)
