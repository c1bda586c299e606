"""What the page of an object draws: axes, points, limits, and the map of the sky."""

import re
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest

from starloop.features.curves import complete
from starloop.pages import plots, view
from starloop.pages.plots import Series
from starloop.pages.skymap import HEIGHT, WIDTH, skymap

MOVES = re.compile(r"M(-?[\d.]+) (-?[\d.]+)")


def places(path: str) -> list[tuple[float, float]]:
    """Give where the parts of a path begin."""
    return [(float(x), float(y)) for x, y in MOVES.findall(path)]


def curve(**told: Any) -> pa.Table:
    """Make the light curve of one object."""
    return complete(pa.table({name: [value] for name, value in {"oid": "one", **told}.items()}))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (16.02, 17.9, ["16.5", "17.0", "17.5"]),
        (58899.0, 59031.0, ["58900", "58950", "59000"]),
        (0.991, 1.009, ["0.995", "1.000", "1.005"]),
        (-0.2, 5.1, ["0", "2", "4"]),
        (17.0, 17.9, ["17.00", "17.25", "17.50", "17.75"]),
    ],
)
def test_ticks_are_round_and_carry_the_digits_they_need(low: float, high: float, expected: list[str]) -> None:
    assert [text for _, text in plots.ticks(low, high, 4)] == expected


def test_brighter_is_up_later_is_right_and_an_error_bar_is_around_its_point() -> None:
    drawn = plots.plot([Series("g", [1.0, 2.0], [18.0, 16.0], [0.5, 0.0])], brighter_up=True)
    assert drawn
    (left, faint), (right, bright) = places(drawn.bands[0].points)
    assert (left < right, bright < faint) == (True, True)
    (bar,) = re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", drawn.bands[0].errors)
    assert float(bar[0]) == left
    assert float(bar[1]) + float(bar[2]) == pytest.approx(2 * faint, abs=0.2)
    assert [one.text for one in drawn.up] == ["16.0", "16.5", "17.0", "17.5", "18.0"]


def test_flux_grows_upwards_and_one_point_alone_can_be_drawn() -> None:
    up = plots.plot([Series("tess", [1.0, 2.0], [1.0, 1.1], [0.0, 0.0])], brighter_up=False)
    alone = plots.plot([Series("g", [5.0], [17.0], [0.1])], brighter_up=True)
    assert up
    assert alone
    assert up.bands[0].errors == ""
    (_, low), (_, high) = places(up.bands[0].points)
    assert high < low
    assert len(places(alone.bands[0].points)) == 1
    assert plots.plot([Series("g", [], [], [])], brighter_up=True) is None


def test_limits_are_drawn_beside_magnitudes_of_the_difference_only() -> None:
    told = {"mjd": [1.0], "mag": [17.0], "err": [0.1], "band": ["g"]}
    limits = {"limit_mjd": [0.5, 0.7], "limit_mag": [20.0, 20.5], "limit_band": ["r", "g"]}
    (difference,) = view.figures(curve(**told, **limits, apparent=False), None)
    (apparent,) = view.figures(curve(**told, **limits, apparent=True), None)
    assert [(one.band, len(places(one.limits))) for one in difference["plot"].bands] == [("g", 1), ("r", 1)]
    assert [(one.band, one.limits) for one in apparent["plot"].bands] == [("g", "")]
    assert apparent["limits"] == difference["limits"] == 2
    assert difference["rows"] == [
        (0.5, "r", 20.0, None, True),
        (0.7, "g", 20.5, None, True),
        (1.0, "g", 17.0, 0.1, False),
    ]


def test_tess_is_averaged_and_folded_at_its_own_period() -> None:
    minutes = [number * 2 / 1440.0 for number in range(50)]
    flux = [1.0 + number % 5 for number in range(50)]
    features = pa.table({"tess_period_log10": [-1.0], "tess_period_power": [0.5], "period_log10": [float("nan")]})
    shown = view.figures(curve(mjd=[], mag=[], err=[], band=[], tess_time=minutes, tess_flux=flux), features)
    (told,) = view.folded(shown)
    assert (told["key"], told["period"], told["brighterUp"]) == ("tess", pytest.approx(0.1), False)
    assert told["bands"][0]["y"] == pytest.approx([3.0] * 10)
    assert all(0 < later - earlier < 0.01 for earlier, later in pairwise(told["bands"][0]["x"]))


@pytest.mark.parametrize(
    ("ra", "dec", "longitude", "latitude"),
    [(266.41684, -29.00781, 0.0, 0.0), (279.23473, 38.78369, 67.448, 19.237), (192.85948, 27.12825, None, 90.0)],
)
def test_the_map_knows_the_galaxy(ra: float, dec: float, longitude: float | None, latitude: float) -> None:
    told = skymap(ra, dec)
    assert told.latitude == pytest.approx(latitude, abs=0.06)
    if longitude is not None:
        assert (told.longitude - longitude + 180.0) % 360.0 - 180.0 == pytest.approx(0.0, abs=0.06)


def test_east_is_left_and_the_poles_are_at_the_ends() -> None:
    middle, east, north = skymap(180.0, 0.0), skymap(210.0, 0.0), skymap(0.0, 90.0)
    assert middle.at == (WIDTH / 2, HEIGHT / 2)
    assert east.at[0] < middle.at[0]
    assert (north.at[0], north.at[1] < 10) == (WIDTH / 2, True)
    for x, y in places(middle.plane.replace("L", "M")):
        assert ((x - WIDTH / 2) / (WIDTH / 2)) ** 2 + ((y - HEIGHT / 2) / (HEIGHT / 2)) ** 2 < 1.0
