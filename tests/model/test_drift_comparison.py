"""How far a night is from the training reference."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from starloop.drift.check import check
from starloop.drift.comparison import compare
from starloop.drift.params import DriftParams
from starloop.drift.reference import MOST_ROWS, describe
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_table

FEATURES = ["g_median", "g_amplitude", "r_median", "r_amplitude", "colour_median_g_r", "period_log10"]
QUIET = [0.3, 0.3, 0.4]
PARAMS = DriftParams(nights=3, agree=2)


def objects(
    seed: int, count: int = 240, *, shares: list[float] = QUIET, shift: float = 0.0, night: str = "2020-06-10"
) -> tuple[pa.Table, pa.Table]:
    """Give features and decisions of so many objects, in an order of their own."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(["RRL", "QSO", "SNIa"], count, p=shares)
    columns: dict[str, Any] = {"oid": [f"ZTF{seed:02d}{row:06d}" for row in rng.permutation(count)]}
    columns |= {name: rng.normal(18 + shift, 1.0, count).astype(np.float32) for name in FEATURES}
    columns["period_log10"][kinds == "SNIa"] = np.nan
    features = pa.table(columns).append_column("night", pa.array([night] * count))
    decisions = np.where(rng.uniform(size=count) < 0.1, "uncertain", kinds)
    return features, pa.table({"oid": columns["oid"], "decision": decisions.tolist()})


def described(seed: int = 1, count: int = 300) -> dict[str, Any]:
    features, told = objects(seed, count)
    return describe(features, FEATURES, told["decision"].to_pylist())


def test_an_ordinary_night_has_no_drifted_feature() -> None:
    found = compare(described(), *objects(2))
    assert found["drifted_share"] == 0.0
    assert found["class_distance"] < 0.1
    assert abs(found["features"]["period_log10"]["missing_rise"]) < 0.1
    json.dumps(found, allow_nan=False)


def test_a_shifted_night_has_drifted_features_and_other_classes() -> None:
    found = compare(described(), *objects(2, shares=[0.8, 0.15, 0.05], shift=1.0))
    assert found["drifted_share"] == 1.0
    assert found["class_distance"] > 0.2
    assert found["groups"]["g"] == {"features": 2, "drifted_share": 1.0, "missing_rise": 0.0}


def test_one_value_far_out_is_not_drift() -> None:
    features, told = objects(2)
    spiked = features["g_amplitude"].to_numpy().copy()
    spiked[:2] = 1e9
    place = features.column_names.index("g_amplitude")
    found = compare(described(), features.set_column(place, "g_amplitude", pa.array(spiked)), told)
    assert not found["features"]["g_amplitude"]["drifted"]


def test_a_band_without_values_is_missing_and_not_drifted() -> None:
    features, told = objects(2)
    for name in ("g_median", "g_amplitude"):
        nothing = pa.nulls(features.num_rows, pa.float32())
        features = features.set_column(features.column_names.index(name), name, nothing)
    found = compare(described(), features, told)
    assert found["features"]["g_median"] == {"score": None, "drifted": False, "missing": 1.0, "missing_rise": 1.0}
    assert found["groups"]["g"]["missing_rise"] == 1.0
    assert found["offsets"]["g"] is None


def test_an_offset_far_below_the_spread_of_magnitudes_is_measured_on_the_same_objects() -> None:
    features, told = objects(1, 300)
    brighter = (features["g_median"].to_numpy() - 0.07).astype(np.float32)
    found = compare(described(), features.set_column(1, "g_median", pa.array(brighter)), told)
    assert found["offsets"] == {"g": pytest.approx(-0.07, abs=1e-3), "r": 0.0}
    assert not found["features"]["g_median"]["drifted"]


def test_a_more_uncertain_model_is_not_another_class_mix() -> None:
    features, told = objects(1, 300)
    half = [one if row % 2 else "uncertain" for row, one in enumerate(told["decision"].to_pylist())]
    found = compare(described(), features, told.set_column(1, "decision", pa.array(half)))
    assert found["class_distance"] < 0.1
    assert found["uncertain_rise"] > 0.3


def test_a_night_without_objects_is_compared_to_nothing() -> None:
    features, told = objects(2)
    found = compare(described(), features.slice(0, 0), told.slice(0, 0))
    assert (found["objects"], found["drifted_share"], found["class_distance"]) == (0, 0.0, None)


def test_a_night_without_a_feature_of_the_champion_is_refused() -> None:
    features, told = objects(2)
    with pytest.raises(BadInput, match="g_median"):
        compare(described(), features.drop_columns(["g_median"]), told)


def test_the_reference_is_small_json_independent_of_row_order_and_prefers_the_newest_objects() -> None:
    old, old_told = objects(3, 400, night="2020-05-01")
    new, new_told = objects(4, 300, night="2020-06-10")
    both = pa.concat_tables([old, new])
    told = old_told["decision"].to_pylist() + new_told["decision"].to_pylist()
    found = describe(both, FEATURES, told)
    order = np.random.default_rng(5).permutation(both.num_rows)
    assert describe(both.take(order), FEATURES, [told[row] for row in order]) == found
    assert len(found["oids"]) == MOST_ROWS
    assert set(new["oid"].to_pylist()) <= set(found["oids"])
    assert found["objects_per_night"] == {"2020-05-01": 400, "2020-06-10": 300}
    assert len(json.dumps(found, allow_nan=False)) < 200_000


def test_a_decision_too_few_is_refused() -> None:
    features, _ = objects(1)
    with pytest.raises(BadInput, match="one decision a row"):
        describe(features, FEATURES, ["RRL"])


def score(home: Home, day: int, **how: Any) -> Night:
    night = Night.parse(f"2020-06-{day}")
    features, told = objects(day, **how)
    write_table(features, home.features / f"{night}.parquet")
    write_table(told, home.predictions(night))
    return night


def test_the_check_keeps_its_verdict_and_shows_pages_only_when_something_moved(tmp_path: Path) -> None:
    home, champion = Home(tmp_path), SimpleNamespace(reference=described())
    for day in (18, 19):
        quiet = score(home, day)
    assert check(home, quiet, champion, PARAMS).kind == "none"
    assert [path.name for path in home.drift(quiet).iterdir()] == ["verdict.json"]
    for day in (20, 21):
        changed = score(home, day, shares=[0.8, 0.15, 0.05], shift=1.0)
    assert check(home, changed, champion, PARAMS).kind == "sky"
    assert sorted(path.name for path in home.drift(changed).iterdir()) == [
        "2020-06-20.html",
        "2020-06-21.html",
        "verdict.json",
    ]
    kept = json.loads((home.drift(changed) / "verdict.json").read_text())
    assert (kept["verdict"]["kind"], len(kept["nights"])) == ("sky", 3)
    assert check(home, quiet, champion, PARAMS).kind == "none"


def test_a_scored_night_whose_features_are_gone_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    night = score(home, 18)
    (home.features / f"{night}.parquet").unlink()
    with pytest.raises(BadInput, match="is missing though the night was scored"):
        check(home, night, SimpleNamespace(reference=described()), PARAMS)
