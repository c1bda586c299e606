"""One light curve gives one row of features, whatever surrounds it and whatever is wrong with it."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.errors import BadInput
from starloop.features import fold, schema, screening, statistics, tess
from starloop.features.extract import extract
from starloop.features.photometry import light_curves

Curve = list[tuple[float, float, float, str]]

real = st.floats(allow_nan=True, allow_infinity=True)
anything = st.lists(st.tuples(real, real, real, st.sampled_from(["g", "r", "i", "V"])), max_size=40)
plausible = st.lists(
    st.tuples(st.floats(58_800, 59_000), st.floats(12, 22), st.floats(0.001, 0.5), st.sampled_from(["g", "r"])),
    max_size=40,
)


def table(curves: list[Curve]) -> pa.Table:
    columns = [[[point[i] for point in curve] for curve in curves] for i in range(4)]
    return pa.table(
        {
            "oid": pa.array([f"ZTF{i}" for i in range(len(curves))], pa.string()),
            "mjd": pa.array(columns[0], pa.list_(pa.float64())),
            "mag": pa.array(columns[1], pa.list_(pa.float64())),
            "err": pa.array(columns[2], pa.list_(pa.float64())),
            "band": pa.array(columns[3], pa.list_(pa.string())),
        }
    )


def sine(points: int = 60, seed: int = 0) -> Curve:
    noise = np.random.default_rng(seed)
    days = np.sort(noise.uniform(58_849, 59_030, points))
    mags = 16.0 + 0.4 * np.sin(2 * np.pi * days / 0.61) + noise.normal(0, 0.02, points)
    return [(day, mag, 0.02, "gr"[i % 2]) for i, (day, mag) in enumerate(zip(days, mags, strict=True))]


def everything() -> pa.Table:
    """One object of which all is known: it brightens once, as a transient does, and is not seen before."""
    days = 58_900.0 + np.ravel(np.arange(0.0, 720.0, 3.0)[:, None] + (0.0, 0.3))
    mags = 17.0 + 3.0 * (1.0 - np.exp(-(((days - 58_940.0) / 20.0) ** 2)))
    mags += np.random.default_rng(0).normal(0.0, 0.02, len(days))
    curve = table([[(day, mag, 0.02, "gr"[i % 2]) for i, (day, mag) in enumerate(zip(days, mags, strict=True))]])
    own = {f"release_{name}": curve[name] for name in ("mjd", "mag", "err", "band")}
    hours = np.arange(0.0, 27.0, 1.0 / 72.0)
    told = {
        **{"limit_mjd": [58_890.0, 58_891.0, 59_630.0], "limit_mag": [20.5, 20.4, 20.6], "limit_band": ["g", "r", "g"]},
        **{"tess_time": hours, "tess_flux": 1.0 + 0.1 * np.sin(hours), "tess_err": np.full(len(hours), 0.01)},
        **{"detection_score": [0.9, 0.8], "detection_distance": [0.3, 0.5], "detection_positive": [True, False]},
        **{"apparent": False, "galactic_latitude": 40.0, "nearest_source": 0.4, "redshift": 0.02},
    }
    return pa.table({**{name: curve[name] for name in curve.column_names}, **own, **{n: [v] for n, v in told.items()}})


def values(features: pa.Table) -> np.ndarray:
    return np.stack([features[name].to_numpy() for name in schema.NAMES], axis=1)


@settings(max_examples=60, deadline=None)
@given(st.lists(anything, min_size=1, max_size=4))
def test_no_numbers_make_it_raise_and_none_becomes_infinite(curves: list[Curve]) -> None:
    assert not np.isinf(values(extract(table(curves)))).any()


@settings(max_examples=25, deadline=None)
@given(st.lists(plausible, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_features_are_the_same_bits_in_any_batch_order_and_number_of_threads(curves: list[Curve], random) -> None:
    whole = values(extract(table(curves)))
    for curve, row in zip(curves, whole, strict=True):
        assert values(extract(table([random.sample(curve, len(curve))]))).tobytes() == row.tobytes()
    backwards = values(extract(table(curves[::-1]), n_jobs=2))
    assert backwards[::-1].tobytes() == whole.tobytes()


def test_long_light_curves_are_the_same_bits_alone_and_together() -> None:
    curves = [sine(points, seed) for seed, points in enumerate((700, 9, 60, 301))]
    together = values(extract(table(curves), n_jobs=2))
    alone = np.concatenate([values(extract(table([curve]))) for curve in curves])
    assert alone.tobytes() == together.tobytes()


def test_columns_are_those_of_the_schema() -> None:
    features = extract(everything())
    assert features.schema == schema.schema()
    assert len(set(schema.NAMES)) == len(schema.NAMES)
    assert [name for name in schema.NAMES if not np.isfinite(features[name][0].as_py())] == []


def test_no_light_curves_give_no_rows() -> None:
    assert extract(table([])).equals(schema.schema().empty_table())


def test_a_band_that_was_not_observed_is_missing_and_not_zero() -> None:
    features = extract(table([[point for point in sine() if point[3] == "g"]]))
    absent = [name for name in schema.NAMES if name.startswith(("r_", "colour_"))]
    assert all(np.isnan(features[name][0].as_py()) for name in absent)
    assert features["g_observation_count"][0].as_py() == 30


def test_the_sentinel_100_never_counts_as_a_measurement() -> None:
    clean = sine()
    spoilt = [*clean, (58_900.5, 16.0, 100.0, "g"), (58_901.5, 100.0, 0.1, "r"), (58_902.5, 16.0, 0.0, "g")]
    assert values(extract(table([spoilt]))).tobytes() == values(extract(table([clean]))).tobytes()


def test_a_slope_without_bound_is_missing_and_not_infinite() -> None:
    curve = [(0.0, 13.0, 0.5, "g"), (-1e-200, 12.0, 0.5, "g"), *((1.0 + day, 12.0, 0.5, "g") for day in range(4))]
    assert not np.isinf(values(extract(table([curve])))).any()


def test_a_point_delivered_twice_counts_once() -> None:
    clean = sine()
    assert values(extract(table([[*clean, *clean[:5]]]))).tobytes() == values(extract(table([clean]))).tobytes()


def test_a_null_light_curve_is_an_empty_one() -> None:
    lists = {name: pa.array([None], pa.list_(pa.float64())) for name in ("mjd", "mag", "err")}
    curves = pa.table({"oid": ["ZTF0"], **lists, "band": pa.array([None], pa.list_(pa.string()))})
    assert np.isnan(values(extract(curves))).all()


def test_statistics_have_the_values_of_their_definitions() -> None:
    curve = [(1.0, 17.0, 0.1, "g"), (2.0, 16.0, 0.1, "g"), (4.0, 18.0, 0.1, "g"), (1.5, 15.5, 0.1, "r")]
    row = extract(table([curve])).to_pylist()[0]
    assert row["g_amplitude"] == 1.0
    assert row["g_mean"] == 17.0
    assert row["g_observation_count"] == 3.0
    assert row["g_maximum_slope"] == 1.0
    assert (row["g_rise_time"], row["g_decay_time"]) == (1.0, 2.0)
    assert (row["g_rise_slope"], row["g_decay_slope"]) == (-1.0, 1.0)
    assert (row["g_peak_minus_first"], row["g_peak_minus_last"]) == (-1.0, -2.0)
    assert row["colour_median_g_r"] == 1.5
    assert row["colour_first_g_r"] == 1.5
    assert np.isnan(row["period_log10"])


@pytest.mark.parametrize("column", ["oid", "mjd", "band"])
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(BadInput, match=f"lack the column {column}"):
        extract(table([sine()]).drop_columns([column]))


def test_lists_of_different_lengths_are_refused() -> None:
    curves = table([sine(), sine()])
    short = pa.array([[16.0], [16.0]], pa.list_(pa.float64()))
    with pytest.raises(BadInput, match="light curve 0 differs in length between mjd and mag"):
        extract(curves.set_column(2, "mag", short))


def test_the_digest_is_the_same_in_another_process() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from starloop.features.schema import digest; print(digest())"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert told.stdout.strip() == schema.digest()


@pytest.mark.parametrize(("module", "constant"), [(screening, "MOST_POINTS"), (fold, "HARMONICS"), (tess, "BIN")])
def test_the_digest_follows_every_constant(module: Any, constant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = schema.digest()
    schema.digest.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(module, constant, 0.125)
        assert schema.digest() != known
    schema.digest.cache_clear()
    assert schema.digest() == known


def test_a_recorded_transient_has_statistics_in_both_bands(recorded_sky: Path) -> None:
    detections = pq.read_table(recorded_sky / "detections.parquet")
    mine = detections.filter(pc.equal(detections["oid"], "ZTF20aaelulu"))
    row = extract(light_curves(mine)).to_pylist()[0]
    assert all(np.isfinite(row[f"{band}_{name}"]) for band in screening.BANDS for name in statistics.NAMES)


def test_odd_recorded_light_curves_are_survived(recordings: Path) -> None:
    curves = []
    for path in sorted((recordings / "odd").rglob("*.csv")):
        with path.open() as lines:
            rows = list(csv.DictReader(lines))
        points = [
            (float(row["time"]), float(row.get("mag") or row["flux"]), float(row.get("magerr") or row["fluxerr"]))
            for row in rows
        ]
        curves += [[(*point, band) for point in points] for band in "gr"]
    assert len(curves) > 10
    assert not np.isinf(values(extract(table(curves)))).any()
