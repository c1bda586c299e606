"""Whatever is wrong with a light curve, its answer is defined, and its neighbours' answers keep their bits."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from starloop.endpoint.answering import table as asked
from starloop.endpoint.schemas import LightCurve
from starloop.errors import BadInput
from starloop.features import schema
from starloop.features.curves import SCHEMA
from starloop.features.extract import extract, too_few_points
from starloop.features.screening import MOST_POINTS, Reals

Curve = dict[str, Any]

TOGETHER = (
    ("mjd", "mag", "err", "band"),
    ("limit_mjd", "limit_mag", "limit_band"),
    ("release_mjd", "release_mag", "release_err", "release_band"),
    ("tess_time", "tess_flux", "tess_err"),
    ("detection_score", "detection_distance", "detection_positive"),
)
NOTHING: Curve = {"mjd": [], "mag": [], "err": [], "band": []}

_spoilt = st.sampled_from([None, float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 100.0, 1e-300, 1e300])
_words = st.one_of(st.none(), st.sampled_from(["g", "r", "i", "V", "", "R"]))


def _values(name: str) -> st.SearchStrategy[Any]:
    """Give values of a column: mostly such as survive the screening, so that what comes after it is met too."""
    if name.endswith("band"):
        return st.one_of(st.sampled_from("gr"), st.sampled_from("gr"), _words)
    if name == "detection_positive":
        return st.one_of(st.none(), st.booleans())
    low, high = {"mjd": (58_800, 58_900), "time": (1_600, 1_630), "mag": (12, 22), "err": (0.001, 0.5)}.get(
        name.rpartition("_")[2], (0, 30)
    )
    usual = st.floats(low, high)
    return st.one_of(usual, usual, usual.map(round), _spoilt, st.floats())


@st.composite
def _any_curve(draw: st.DrawFn) -> Curve:
    """Draw lists that belong together; all but the first group may be missing."""
    curve: Curve = {}
    for names in TOGETHER:
        length = draw(st.integers(0, 25))
        for name in names:
            curve[name] = draw(st.lists(_values(name), min_size=length, max_size=length))
        if names != TOGETHER[0] and draw(st.booleans()):
            curve.update(dict.fromkeys(names))
    for name in ("galactic_latitude", "nearest_source", "redshift"):
        curve[name] = draw(_values(name))
    return curve | {"apparent": draw(st.one_of(st.none(), st.booleans()))}


def table(*curves: Curve) -> pa.Table:
    rows = [{"oid": f"ZTF{number}", **curve} for number, curve in enumerate(curves)]
    return pa.table([pa.array([row.get(field.name) for row in rows], field.type) for field in SCHEMA], schema=SCHEMA)


def bits(features: pa.Table) -> np.ndarray:
    return np.stack([features[name].to_numpy() for name in schema.NAMES], axis=1).view(np.uint32)


def reals(*curves: Curve) -> np.ndarray:
    return bits(extract(table(*curves))).view(np.float32)


def good(seed: int, points: int = 60) -> Curve:
    """Observe a star with a period of 0.61 days in both bands, in its alerts, in a data release and by TESS."""
    rng = np.random.default_rng(seed)
    mjd = np.sort(rng.uniform(58_800, 58_900, points))
    mag = 16 + 0.4 * np.sin(2 * np.pi * mjd / 0.61) + rng.normal(0, 0.02, points)
    alert = {"mjd": mjd.tolist(), "mag": mag.tolist(), "err": [0.02] * points, "band": list("gr") * (points // 2)}
    time = 1_600 + np.arange(500) / 144
    return {
        **alert,
        **{f"release_{name}": values for name, values in alert.items()},
        "limit_mjd": [58_790.0, 58_791.0],
        "limit_mag": [20.5, 20.6],
        "limit_band": ["g", "r"],
        "tess_time": time.tolist(),
        "tess_flux": (1 + 0.1 * np.sin(2 * np.pi * time / 0.61)).tolist(),
        "tess_err": [0.01] * len(time),
        "detection_score": [0.9] * points,
        "detection_distance": [0.2] * points,
        "detection_positive": [True] * points,
        "galactic_latitude": 40.0,
        "apparent": True,
    }


GOOD = good(1), good(2, points=90)
ALONE = np.concatenate([bits(extract(table(one))) for one in GOOD])


@settings(max_examples=60, deadline=None)
@given(_any_curve())
@example(NOTHING)
def test_a_bad_light_curve_never_costs_its_neighbours_a_bit(bad: Curve) -> None:
    together = bits(extract(table(GOOD[0], bad, GOOD[1])))
    assert np.array_equal(together[[0, 2]], ALONE)
    assert np.array_equal(together[1], bits(extract(table(bad)))[0])


@settings(max_examples=60, deadline=None)
@given(_any_curve())
def test_no_numbers_crash_it_and_no_feature_is_infinite(bad: Curve) -> None:
    assert not np.isinf(reals(bad)).any()


@settings(max_examples=40, deadline=None)
@given(_any_curve(), st.randoms(use_true_random=False))
def test_the_order_and_the_repetition_of_rows_do_not_matter(bad: Curve, random: Any) -> None:
    names = TOGETHER[0]
    points = list(zip(*(bad[name] for name in names), strict=True))
    again = points + random.sample(points, len(points) // 2)
    random.shuffle(again)
    shuffled = {name: [point[column] for point in again] for column, name in enumerate(names)}
    assert np.array_equal(bits(extract(table(bad | shuffled))), bits(extract(table(bad))))


@pytest.mark.parametrize(
    "point",
    [
        (float("nan"), 16.0, 0.02, "g"),
        (58_850.0, float("nan"), 0.02, "g"),
        (58_850.0, 16.0, float("nan"), "g"),
        (58_850.0, 16.0, -0.02, "g"),
        (58_850.0, 16.0, 0.0, "g"),
        (58_850.0, 16.0, 100.0, "r"),
        (58_850.0, 100.0, 0.02, "r"),
        (float("inf"), 16.0, 0.02, "r"),
        (None, 16.0, 0.02, "g"),
        (58_850.0, None, 0.02, "g"),
        (58_850.0, 16.0, None, "g"),
        (58_850.0, 16.0, 0.02, None),
        (58_850.0, 16.0, 0.02, "V"),
        (58_850.0, 16.0, 0.02, "i"),
    ],
    ids=str,
)
def test_a_point_that_is_no_measurement_in_g_or_r_is_as_if_it_were_not_there(point: tuple[Any, ...]) -> None:
    curve = GOOD[0]
    spoilt = {
        prefix + name: [*curve[prefix + name][:7], value, *curve[prefix + name][7:]]
        for prefix in ("", "release_")
        for name, value in zip(TOGETHER[0], point, strict=True)
    }
    assert np.array_equal(bits(extract(table(curve | spoilt))), ALONE[:1])


def test_no_points_are_too_few_and_every_feature_of_points_is_missing() -> None:
    features = extract(table(NOTHING, GOOD[0]))
    assert too_few_points(features).tolist() == [True, False]
    assert np.isnan(reals(NOTHING)).all()


def test_one_point_has_a_magnitude_and_no_scatter() -> None:
    row = extract(table({"mjd": [58_800.5], "mag": [17.25], "err": [0.1], "band": ["g"]})).to_pylist()[0]
    assert (row["g_observation_count"], row["g_mean"], row["g_duration"]) == (1.0, 17.25, 0.0)
    assert np.isnan([row["g_standard_deviation"], row["period_log10"], row["r_observation_count"]]).all()


def test_points_at_one_time_are_one_point_the_best_of_them() -> None:
    same = {"mjd": [58_800.5] * 40, "mag": np.linspace(15, 19, 40).tolist(), "band": ["r"] * 40}
    best = {"mjd": [58_800.5], "mag": [same["mag"][9]], "err": [0.05], "band": ["r"]}
    same["err"] = [0.05 if number == 9 else 0.1 for number in range(40)]
    assert np.array_equal(bits(extract(table(same))), bits(extract(table(best))))


def test_a_light_curve_that_never_changes_has_no_period_and_no_scatter() -> None:
    flat = {"mjd": np.arange(58_800.5, 58_860.5).tolist(), "mag": [17.0] * 60, "err": [0.1] * 60, "band": ["g"] * 60}
    row = extract(table(flat)).to_pylist()[0]
    assert (row["g_amplitude"], row["g_standard_deviation"]) == (0.0, 0.0)
    assert np.isnan(row["period_log10"])


def test_a_flux_that_is_not_positive_is_an_upper_limit_and_no_detection() -> None:
    told = {"id": "a", "mjd": [58_800.0, 58_801.0, 58_802.0], "band": ["g"] * 3, "flux_err": [10.0] * 3}
    curve = asked([LightCurve(flux=[-50.0, 1000.0, 0.0], **told)]).to_pylist()[0]
    assert (curve["mjd"], curve["limit_mjd"]) == ([58_801.0], [58_800.0, 58_802.0])
    assert curve["limit_mag"] == pytest.approx([31.4 - 2.5 * np.log10(50.0)] * 2)
    unseen = extract(asked([LightCurve(flux=[-50.0, -1000.0, 0.0], **told)]))
    assert too_few_points(unseen).tolist() == [True]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.floats(5e-324, 1e308, allow_subnormal=True)),
        max_size=20,
    )
)
def test_no_finite_flux_crashes_it(fluxes: list[tuple[float, float]]) -> None:
    flux, err = ([pair[side] for pair in fluxes] for side in (0, 1))
    mjd = np.arange(58_800.0, 58_800.0 + len(fluxes)).tolist()
    curve = LightCurve(id="a", mjd=mjd, band=["g"] * len(fluxes), flux=flux, flux_err=err)
    assert not np.isinf(bits(extract(asked([curve]))).view(np.float32)).any()


@pytest.mark.parametrize(
    "million",
    [
        np.sort(np.random.default_rng(3).uniform(58_000.0, 59_000.0, 1_000_000)),
        np.linspace(58_000.0, 59_000.0, 1_000_000),
    ],
    ids=["at random times", "evenly sampled"],
)
def test_a_million_points_are_thinned_and_leave_their_neighbours_alone(million: Reals) -> None:
    long = {
        "mjd": million,
        "mag": 16 + 0.4 * np.sin(2 * np.pi * million / 0.61),
        "err": np.full(len(million), 0.02),
        "band": np.where(np.arange(len(million)) % 2, "g", "r"),
    }
    features = extract(table(GOOD[0], long, GOOD[1]))
    assert np.array_equal(bits(features)[[0, 2]], ALONE)
    row = features.to_pylist()[1]
    assert row["g_observation_count"] == row["r_observation_count"] == MOST_POINTS
    assert row["period_log10"] == pytest.approx(np.log10(0.61), abs=1e-4)


def test_lists_of_one_light_curve_that_differ_in_length_are_named_and_refused() -> None:
    for names in TOGETHER:
        short = GOOD[0] | {names[-1]: GOOD[0][names[-1]][:-1]}
        with pytest.raises(BadInput, match=f"light curve 1 differs in length between {names[0]} and {names[-1]}"):
            extract(table(GOOD[0], short))
