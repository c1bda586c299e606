"""What of a light curve is used, whatever it holds."""

import numpy as np
import pyarrow as pa
import pytest

from starloop.errors import BadInput
from starloop.features import screening
from starloop.features.screening import Band, screen


def curves(*rows: dict[str, list[object]]) -> pa.Table:
    empty: dict[str, list[object]] = {"mjd": [], "mag": [], "err": [], "band": []}
    return pa.Table.from_pylist([{"oid": f"ZTF{number}", **empty, **row} for number, row in enumerate(rows)])


def points(times: list[float], band: str = "g") -> dict[str, list[object]]:
    n = len(times)
    return {"mjd": [*times], "mag": [18.0] * n, "err": [0.1] * n, "band": [band] * n}


def times(band: Band) -> list[list[float]]:
    return [one.time.tolist() for one in band]


def test_points_without_a_time_a_magnitude_an_error_or_a_known_band_are_left_out() -> None:
    bad = {
        "mjd": [1.0, None, 3.0, 4.0, 5.0, 6.0, 7.0, float("nan"), 9.0],
        "mag": [18.0, 18.0, None, 18.0, 18.0, 18.0, float("inf"), 18.0, 18.0],
        "err": [0.1, 0.1, 0.1, None, 0.1, -0.1, 0.1, 0.1, 0.0],
        "band": ["g", "g", "g", "g", None, "g", "g", "g", "V"],
    }
    assert times(screen(curves(bad, points([2.0]))).alert["g"]) == [[1.0], [2.0]]


def test_points_are_sorted_and_of_those_in_one_second_the_best_measured_stays() -> None:
    told = points([3.0, 1.0, 1.0 + 1e-7, 2.0]) | {"err": [0.1, 0.2, 0.05, 0.1]}
    band = screen(curves(told)).alert["g"]
    assert times(band) == [[1.0 + 1e-7, 2.0, 3.0]]
    assert band.points.err.tolist() == [0.05, 0.1, 0.1]


def test_alerts_releases_and_limits_are_kept_apart() -> None:
    release = {f"release_{name}": value for name, value in points([2.0, 3.0]).items()}
    limits = {"limit_mjd": [0.5], "limit_mag": [20.5], "limit_band": ["r"]}
    seen = screen(curves(points([1.0]) | release | limits, points([5.0], "r")))
    assert times(seen.alert["g"]) == [[1.0], []]
    assert times(seen.alert["r"]) == [[], [5.0]]
    assert times(seen.release["g"]) == [[2.0, 3.0], []]
    assert times(seen.limits["r"]) == [[0.5], []]
    assert seen.limits["r"].points.mag.tolist() == [20.5]


def test_of_a_million_points_so_many_stay_evenly_in_time_and_no_neighbour_loses_one() -> None:
    number = 1_000_000
    order = np.random.default_rng(0).permutation(number)
    long = {
        "mjd": (order * 0.001).tolist(),
        "mag": [18.0] * number,
        "err": [0.1] * number,
        "band": ["g"] * number,
    }
    band = screen(curves(points([1.0, 2.0]), long, points([3.0]))).alert["g"]
    short, thinned, last = times(band)
    assert (short, last) == ([1.0, 2.0], [3.0])
    assert len(thinned) == screening.MOST_POINTS
    assert (thinned[0], thinned[-1]) == (0.0, (number - 1) * 0.001)
    steps = np.diff(thinned) * screening.MOST_POINTS / thinned[-1]
    assert 0.6 < steps.min() < steps.max() < 1.7


def test_a_column_of_another_type_is_named() -> None:
    with pytest.raises(BadInput, match="column mag of the light curves is not list<item: double>"):
        screen(curves({"mag": ["bright"], "mjd": [1.0], "err": [0.1], "band": ["g"]}))


def test_optional_lists_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(BadInput, match="light curve 0 differs in length between limit_mjd and limit_mag"):
        screen(curves(points([1.0]) | {"limit_mjd": [0.5, 0.6], "limit_mag": [20.5], "limit_band": ["g", "g"]}))
