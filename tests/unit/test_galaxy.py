"""Places of stars and galaxies: the footprint, the magnitude limits, dust, and the Galaxy's shape."""

import numpy as np
import pytest
from astropy import units
from astropy.coordinates import SkyCoord

from starloop.sky.populations.galaxy import (
    PLANE_DEG,
    SOUTHERN_LIMIT_DEG,
    apparent,
    extinction,
    extragalactic,
    galactic_latitude,
    stars,
)
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting

OUTSIDE = Setting(58200.0, 59300.0)
PLANE = Setting(58200.0, 59300.0, in_plane=True)


def draw(absolute_r, component="thin", setting=OUTSIDE, n=3000, seed=1, **limits):
    return stars(np.random.default_rng(seed), np.full(n, absolute_r), component, setting, **limits)


def latitude(places):
    return np.abs(galactic_latitude(places.ra, places.dec))


def test_latitude_agrees_with_astropy():
    rng = np.random.default_rng(1)
    ra, dec = rng.uniform(0, 360, 500), rng.uniform(-90, 90, 500)
    expected = SkyCoord(ra * units.deg, dec * units.deg, frame="icrs").galactic.b.deg
    np.testing.assert_allclose(galactic_latitude(ra, dec), expected, atol=1e-4)


@pytest.mark.parametrize("component", ["thin", "thick", "halo"])
@pytest.mark.parametrize("setting", [OUTSIDE, PLANE])
def test_stars_stay_in_the_footprint_and_between_the_limits(component, setting):
    places = draw(1.0, component, setting)
    reddened = 1.0 + places.modulus + 2.31 * places.reddening
    assert places.dec.min() >= SOUTHERN_LIMIT_DEG
    assert places.ra.min() >= 0
    assert places.ra.max() < 360
    assert np.all((latitude(places) < PLANE_DEG) == setting.in_plane)
    assert reddened.min() >= 12.8
    assert reddened.max() <= 20.0


def test_limits_hold_for_stars_of_different_brightness():
    absolute_r = np.linspace(-5, 12, 2000)
    places = stars(np.random.default_rng(2), absolute_r, "thin", PLANE, brightest=14.0, faintest=16.0)
    reddened = absolute_r + places.modulus + 2.31 * places.reddening
    assert reddened.min() >= 14
    assert reddened.max() <= 16


def test_nearby_stars_fill_a_sphere_evenly():
    places = draw(12.0, "thin", n=20000, faintest=15.5)  # 14 to 50 pc: a sixth of the disc's scale height
    ra, dec, _ = extragalactic(np.random.default_rng(3), 20000, OUTSIDE)
    high = latitude(places) > 10
    # Even over the sky: the same share at the poles as galaxies have.
    expected = np.mean(np.abs(galactic_latitude(ra, dec)) > 70)
    assert np.mean(latitude(places)[high] > 70) == pytest.approx(expected, abs=0.015)
    # Even in depth: counts grow as 10^(0.6 m).
    low, middle, all_of_it = (10 ** (0.6 * mag) for mag in (12.8, 14.5, 15.5))
    brighter = np.mean(12.0 + places.modulus + 2.31 * places.reddening < 14.5)
    assert brighter == pytest.approx((middle - low) / (all_of_it - low), abs=0.03)


def test_halo_reaches_higher_latitudes_and_distances_than_the_discs():
    thin, thick, halo = (draw(0.6, component) for component in ("thin", "thick", "halo"))
    assert np.median(latitude(thin)) < np.median(latitude(thick)) < np.median(latitude(halo))
    assert np.median(thick.modulus) < np.median(halo.modulus)


def test_reddening_grows_towards_the_plane_and_with_distance():
    outside, plane = draw(4.0), draw(4.0, setting=PLANE)
    assert np.median(plane.reddening) > 2 * np.median(outside.reddening)
    bands = [
        np.median(outside.reddening[(latitude(outside) >= low) & (latitude(outside) < 2 * low)]) for low in (4, 8, 16)
    ]
    assert bands[0] > bands[1] > bands[2] > 0


def test_reddening_grows_with_distance_at_a_kiloparsec_by_a_fifth_of_a_magnitude():
    # Limits so wide that dust hides no star: the far ones are not chosen for clear lines of sight.
    plane = draw(4.0, setting=PLANE, n=20000, brightest=11.0, faintest=30.0)
    distance = 10 ** (plane.modulus / 5 - 2)
    low = latitude(plane) < 1
    near, far = low & (distance < 1.5), low & (distance > 4)
    assert np.median(plane.reddening[near] / distance[near]) == pytest.approx(0.2, abs=0.04)
    assert np.median(plane.reddening[far]) > 3 * np.median(plane.reddening[near])


def test_a_star_seen_nowhere_gets_a_place_all_the_same():
    for absolute_r in (-30.0, 40.0):
        places = draw(absolute_r, n=5)
        assert np.isfinite([places.ra, places.dec, places.modulus, places.reddening]).all()
        assert np.all(latitude(places) >= PLANE_DEG)


def test_no_two_stars_share_a_place():
    places = draw(0.6, "halo", n=20000)
    assert len(np.unique(places.ra)) == len(np.unique(places.dec)) == 20000


def test_the_same_seed_gives_the_same_stars():
    first, again, other = draw(2.0, seed=4), draw(2.0, seed=4), draw(2.0, seed=5)
    np.testing.assert_array_equal(first.modulus, again.modulus)
    assert not np.array_equal(first.modulus, other.modulus)


@pytest.mark.parametrize("n", [0, 1])
def test_no_star_and_one_star_are_drawn_too(n):
    assert draw(2.0, n=n).ra.shape == (n,)
    assert extragalactic(np.random.default_rng(1), n, OUTSIDE)[0].shape == (n,)


@pytest.mark.parametrize("setting", [OUTSIDE, PLANE])
def test_galaxies_are_even_over_the_sky_outside_ten_degrees(setting):
    ra, dec, reddening = extragalactic(np.random.default_rng(6), 20000, setting)
    height = np.abs(galactic_latitude(ra, dec))
    assert len(ra) == 20000
    assert height.min() >= 10
    assert dec.min() >= SOUTHERN_LIMIT_DEG
    # The cap within 60 deg of the northern equatorial pole, where it is clear of the plane, against the Galactic one.
    northern = galactic_latitude(ra, dec) > 60
    assert np.mean(northern) == pytest.approx((1 - np.sin(np.radians(60))) / 2 / 0.606, rel=0.08)
    assert np.median(reddening[height > 60]) == pytest.approx(0.025, abs=0.005)


def test_extinction_falls_towards_the_red():
    at = extinction(np.full(3, 0.5), np.array([GREEN, RED, INFRARED]))
    np.testing.assert_allclose(at, [1.65, 1.155, 0.855])


def test_apparent_magnitudes_carry_distance_and_dust():
    places = draw(1.0, n=10)
    mean = apparent(places, np.full(10, 1.3), np.full(10, 1.0), np.full(10, 0.9))
    assert mean.shape == (10, 3)
    np.testing.assert_allclose(mean[:, RED - 1], 1.0 + places.modulus + 2.31 * places.reddening)
    np.testing.assert_allclose(mean[:, GREEN - 1] - mean[:, RED - 1], 0.3 + 0.99 * places.reddening)
