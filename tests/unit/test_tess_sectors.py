"""Which TESS sectors see a position, and when."""

import itertools

import numpy as np
import pytest

from starloop.sky.tess.sectors import BTJD_ZERO_MJD, SECTORS, ecliptic, observing, sun_longitude

NORTH_POLE, SOUTH_POLE = (270.0, 66.56), (90.0, -66.56)
SECTOR = SECTORS[22]


@pytest.mark.parametrize(
    ("ra", "dec", "real"),
    [
        (84.29, -80.47, [1, 4, 8, 11, 12, 13, 27, 28, 31, 34, 38, 39]),  # pi Mensae
        (24.35, -45.68, [2, 3, 29, 30]),  # WASP-18
        (97.64, 29.67, [20]),  # WASP-12
        (253.19, 16.58, [25]),  # TOI-2109
    ],
)
def test_well_known_stars_are_seen_when_they_were(ra, dec, real):
    assert [sector.number for sector in observing(ra, dec, 58000, 60000)] == real


def test_the_ecliptic_poles_are_seen_all_year():
    north = {sector.number for sector in observing(*NORTH_POLE, 58000, 60000)}
    south = {sector.number for sector in observing(*SOUTH_POLE, 58000, 60000)}
    assert north == set(range(14, 27))
    assert south == set(range(1, 14)) | set(range(27, 40))


@pytest.mark.parametrize("ra", [0.0, 90.0, 180.0, 270.0])
def test_the_ecliptic_itself_is_not_seen(ra):
    dec = np.degrees(np.arctan(np.tan(np.radians(23.4393)) * np.sin(np.radians(ra))))
    assert observing(ra, dec, 58000, 60000) == []


def test_half_way_to_the_pole_one_or_two_sectors_a_year_see_a_star():
    rng = np.random.default_rng(2)
    seen = []
    for ra in rng.uniform(0, 360, 300):
        dec = rng.uniform(5, 70)
        if 15 < ecliptic(ra, dec)[1] < 40:
            seen.append(len(observing(ra, dec, 58000, 60000)))
    assert max(seen) <= 3
    assert 0.5 < np.mean(seen) < 1.6


def test_only_sectors_wholly_inside_the_span_are_given():
    begin, end = SECTOR.begin + BTJD_ZERO_MJD, SECTOR.end + BTJD_ZERO_MJD
    assert [sector.number for sector in observing(*NORTH_POLE, begin, end)] == [23]
    assert observing(*NORTH_POLE, begin + 1, end) == []
    assert observing(*NORTH_POLE, begin, end - 1) == []


def test_sectors_follow_one_another_and_look_away_from_the_sun():
    assert [sector.number for sector in SECTORS] == list(range(1, 40))
    assert all(early.end < late.begin < early.end + 5 for early, late in itertools.pairwise(SECTORS))
    assert SECTORS[0].begin + BTJD_ZERO_MJD == pytest.approx(58324.8, abs=0.1)
    for sector in SECTORS:
        year, day = int(sector.stamp[:4]), int(sector.stamp[4:7])
        stamped = {2018: 58119, 2019: 58484, 2020: 58849, 2021: 59215}[year] + day - 1
        assert 0 <= sector.begin + BTJD_ZERO_MJD - stamped < 6


def test_the_sun_is_at_longitude_ninety_at_the_june_solstice_of_2020():
    assert sun_longitude(59020.905 - BTJD_ZERO_MJD) == pytest.approx(90, abs=0.02)
