"""How far a night's features and answers are from the champion's training data."""

import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift

from starloop.drift import features
from starloop.drift.measure import measure
from starloop.drift.performance import performance
from starloop.drift.predictions import predictions
from starloop.drift.reference import MOST_ROWS, describe
from starloop.drift.seen import Seen
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from tests.model.drifting import FEATURES, LEARNT, PARAMS, by_group, described, objects, seen, tables

ROWS = tables(2)
REFERENCE = described()


def values(night: Seen, name: str) -> dict[str, float | None]:
    return by_group(measure(REFERENCE, night, PARAMS)["measures"], name)


def with_feature(night: Seen, name: str, column: np.ndarray) -> Seen:
    place = night.features.column_names.index(name)
    told = night.features.set_column(place, name, pa.array(column.astype(np.float32)))
    return Seen(night.night, told, night.predictions, night.tables)


def test_an_ordinary_night_is_near_and_is_json() -> None:
    night = seen(ROWS)
    near = values(night, "features")
    assert max(value for value in near.values() if value is not None) < 0.1
    assert abs(values(night, "newcomers")["night"] or 0) < 0.01
    assert (values(night, "class shares")["answers"] or 0) < 0.1
    json.dumps(measure(REFERENCE, night, PARAMS), allow_nan=False)


def test_shifted_features_show_in_their_blocks_and_within_each_decision() -> None:
    night = seen(ROWS)
    brighter = with_feature(night, "g_median", night.features["g_median"].to_numpy() - 2)
    far = values(brighter, "features")
    assert (far["g statistics"] or 0) > 0.3
    assert (far["r statistics"] or 0) < 0.1
    assert far["tess"] is None
    inside = values(seen(ROWS, shift=2.0), "features within")
    assert all((inside[name] or 0) > 0.5 for name in ("RRL", "QSO", "SNIa"))


def test_a_distance_is_evidentlys_but_for_what_chance_shows() -> None:
    rng = np.random.default_rng(2)
    old, new = rng.normal(0, 1, 300), rng.normal(0.7, 1, 200)
    before, now = (
        Dataset.from_pandas(pd.DataFrame({"x": one}), data_definition=DataDefinition(numerical_columns=["x"]))
        for one in (old, new)
    )
    told = json.loads(Report([ValueDrift(column="x", method="wasserstein")]).run(now, before).json())
    chance = 1.29 * (1 / 300 + 1 / 200) ** 0.5
    found = features.distances({"x": old}, {"x": new}, 20)["x"]
    assert found + chance == pytest.approx(float(told["metrics"][0]["value"]), rel=1e-3)


def test_samples_of_one_sky_have_no_distance_on_the_whole_whatever_their_sizes() -> None:
    rng = np.random.default_rng(3)
    for sizes in ((500, 60), (500, 400), (40, 40)):
        drawn = [[rng.normal(5, 3, size) for size in sizes] for _ in range(200)]
        found = [features.distances({"x": old}, {"x": new}, 20)["x"] for old, new in drawn]
        assert np.mean(found) < 0.05


def test_answers_of_one_sky_have_no_distance_on_the_whole_whatever_their_number() -> None:
    rng = np.random.default_rng(3)
    kinds = [f"class {number}" for number in range(15)]
    for sizes in ((400, 60), (400, 400), (60, 60)):
        drawn = [[rng.choice(kinds, size).tolist() for size in sizes] for _ in range(200)]
        found = [
            next(predictions({"held_out": {"decisions": old, "confidence": [0.5]}}, new, [0.5], 20)).value
            for old, new in drawn
        ]
        assert np.median(found) < 0.1


def test_one_value_far_out_is_no_distance() -> None:
    night = seen(ROWS)
    spiked = night.features["g_amplitude"].to_numpy().copy()
    spiked[:2] = 1e9
    assert (values(with_feature(night, "g_amplitude", spiked), "features")["g statistics"] or 0) < 0.1


def test_another_seasons_fields_are_no_drift() -> None:
    winter, summer = np.linspace(10, 40, 300).tolist(), np.linspace(50, 90, 240)
    reference = {**REFERENCE, "features": {**REFERENCE["features"], "galactic_latitude": winter}}
    night = seen(ROWS)
    placed = night.features.append_column("galactic_latitude", pa.array(summer))
    found = measure(reference, Seen(night.night, placed, night.predictions, night.tables), PARAMS)["measures"]
    assert by_group(found, "features")["context"] is None


def test_objects_nobody_has_watched_before_are_newcomers() -> None:
    night = seen(ROWS)
    young = np.where(np.arange(240) < 48, np.nan, 30.0)
    found = measure(REFERENCE, with_feature(with_feature(night, "g_duration", young), "r_duration", young), PARAMS)
    assert by_group(found["measures"], "newcomers")["night"] == pytest.approx(0.2)


def test_a_more_uncertain_model_is_not_another_class_mix() -> None:
    night = seen(ROWS)
    decisions = [one if row % 2 else "uncertain" for row, one in enumerate(night.predictions["decision"].to_pylist())]
    doubtful = night.predictions.set_column(1, "decision", pa.array(decisions))
    doubtful = doubtful.set_column(2, "confidence", pa.array(night.predictions["confidence"].to_numpy() - 0.2))
    night = Seen(night.night, night.features, doubtful, night.tables)
    assert (values(night, "class shares")["answers"] or 0) < 0.1
    assert (values(night, "abstention")["answers"] or 0) > 0.3
    assert values(night, "confidence")["answers"] == pytest.approx(0.2, abs=0.05)


def test_a_night_the_champion_learnt_from_is_no_drift_of_the_sky() -> None:
    far = seen(ROWS, shift=3.0, shares=[0.8, 0.15, 0.05])
    learnt = Seen(str(LEARNT), far.features, far.predictions, far.tables)
    kinds = {one["what"] for one in measure(REFERENCE, learnt, PARAMS)["measures"]}
    assert not kinds & {"features", "classes", "performance"}
    assert {one["what"] for one in measure(REFERENCE, far, PARAMS)["measures"]} >= {"features", "classes"}


def test_a_night_without_objects_is_compared_to_nothing() -> None:
    night = seen(ROWS)
    empty = Seen(
        night.night,
        night.features.slice(0, 0),
        night.predictions.slice(0, 0),
        {name: rows.slice(0, 0) for name, rows in ROWS.items()},
    )
    found = measure(REFERENCE, empty, PARAMS)
    assert found["objects"] == 0
    assert {one["value"] for one in found["measures"]} == {None}


def test_a_night_without_a_feature_of_the_champion_is_refused() -> None:
    night = seen(ROWS)
    without = Seen(night.night, night.features.drop_columns(["g_median"]), night.predictions, night.tables)
    with pytest.raises(BadInput, match="lack g_median"):
        measure(REFERENCE, without, PARAMS)


def test_labels_that_arrived_since_show_what_the_champion_has_come_to() -> None:
    right = pa.table({"truth": ["RRL"] * 40, "answer": ["RRL"] * 30 + ["QSO"] * 10})
    found = performance(right, accuracy=0.9, fewest=30)
    assert (found.value, found.objects) == (pytest.approx(0.15), 40)
    assert found.noise == pytest.approx((0.75 * 0.25 / 40) ** 0.5)
    assert performance(right.slice(0, 29), accuracy=0.9, fewest=30).value is None


def test_the_reference_is_small_json_independent_of_row_order_and_prefers_the_newest_objects() -> None:
    old, old_told = objects(3, 400, night=Night.parse("2020-05-01"))
    new, new_told = objects(4, 300)
    both, told = pa.concat_tables([old, new]), pa.concat_tables([old_told, new_told])
    found = describe(both, FEATURES, told["decision"].to_pylist(), told["confidence"].to_pylist())
    order = np.random.default_rng(5).permutation(both.num_rows)
    shuffled = told.take(order)
    again = describe(both.take(order), FEATURES, shuffled["decision"].to_pylist(), shuffled["confidence"].to_pylist())
    assert again == found
    assert len(found["decisions"]) == len(found["features"]["g_median"]) == MOST_ROWS
    newest = {float(str(value)) for value in new["g_median"].to_numpy()}
    assert newest <= set(found["features"]["g_median"])
    assert (found["night"], found["objects_per_night"]) == (str(LEARNT), {"2020-05-01": 400, str(LEARNT): 300})
    assert len(json.dumps(found, allow_nan=False)) < 200_000


def test_what_a_model_says_of_rows_it_learnt_is_no_measure_of_its_doubt() -> None:
    table, told = objects(3, 200)
    place = table.column_names.index("split")
    halves = table.set_column(place, "split", pa.array(["train", "test"] * 100))
    found = describe(halves, FEATURES, told["decision"].to_pylist(), ([1.0, 0.6] * 100))
    assert set(found["held_out"]["confidence"]) == {0.6}
    assert len(found["held_out"]["decisions"]) == 100


def test_a_decision_too_few_is_refused() -> None:
    table, told = objects(1)
    with pytest.raises(BadInput, match="one of each a row"):
        describe(table, FEATURES, ["RRL"], told["confidence"].to_pylist())
