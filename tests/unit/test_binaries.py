"""Eclipsing binaries: the light follows from where the stars are."""

from dataclasses import replace

import numpy as np
import pytest

from starloop.sky.populations import ea, eb, ew
from starloop.sky.populations.binary import Pair, absolute_mag, depths, orbital_angle, roche_radius, semi_major_axis
from starloop.sky.populations.eclipse import hidden_share
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting
from starloop.sky.populations.photosphere import brightness

SETTING = Setting(58500.0, 59600.0)


@pytest.fixture(scope="module")
def classes():
    return {module: module.make(np.random.default_rng(3), 200, SETTING) for module in (ea, eb, ew)}


def pair(radii=(0.1, 0.05), temperatures=(8000.0, 5000.0), cos_i=0.0, eccentricity=0.0, periastron=0.0, ratio=1e-6):
    """One binary; its tides are negligible with the default mass ratio only in the heavier star."""
    one = np.array([[1.0, ratio]])
    numbers = [np.array([value]) for value in (3.0, cos_i, eccentricity, periastron)]
    return Pair(numbers[0], one, np.array([radii]), np.array([temperatures]), *numbers[1:])


def folded(objects, fid, nodes=400):
    """Magnitudes at even phases: one row an object."""
    n = len(objects)
    mjd = SETTING.first_mjd + np.linspace(0, 1, nodes, endpoint=False) * objects.period[:, None]
    return objects.mag(np.repeat(np.arange(n), nodes), mjd.ravel(), np.full(n * nodes, fid)).reshape(n, nodes)


def minima(curves):
    """The brightness of the two conjunctions, half a period apart, counted from the deepest point."""
    first = np.argmax(curves, axis=1)
    rows = np.arange(len(curves))
    return curves[rows, first], curves[rows, (first + curves.shape[1] // 2) % curves.shape[1]]


def overlap(d, r):
    """Area common to a unit disc and one of radius r, from the circular segments."""
    a = np.arccos((d**2 + 1 - r**2) / (2 * d)) + r**2 * np.arccos((d**2 + r**2 - 1) / (2 * d * r))
    return a - 0.5 * np.sqrt((-d + 1 + r) * (d + 1 - r) * (d - 1 + r) * (d + 1 + r))


@pytest.mark.parametrize(("d", "r"), [(0.7, 0.5), (1.2, 0.4), (0.95, 1.3), (0.52, 0.5), (1.6, 0.7)])
def test_an_even_disc_loses_the_area_two_circles_share(d, r):
    share = hidden_share(np.array([d]), np.array([r]), np.zeros((1, 3)))
    assert share == pytest.approx(overlap(d, r) / np.pi, abs=2e-4)


def test_a_small_disc_hides_more_at_the_centre_than_at_the_limb_of_a_darkened_one():
    centre, limb = hidden_share(np.array([0.0, 0.88]), np.array([0.1, 0.1]), np.full((2, 3), 0.6))
    assert centre == pytest.approx(0.1**2 / (1 - 0.6 / 3), rel=0.01)
    assert np.all(limb < 0.75 * centre)


def test_a_wholly_hidden_disc_sends_nothing_and_a_distant_one_hides_nothing():
    share = hidden_share(np.array([0.3, 2.5]), np.array([1.4, 1.4]), np.full((2, 3), 0.6))
    assert share[0] == pytest.approx(1.0, abs=1e-9)
    assert share[1] == pytest.approx(0.0, abs=1e-9)


def test_a_total_eclipse_takes_the_smaller_star_s_share_of_the_light():
    star = pair(radii=(0.05, 0.1), temperatures=(8000.0, 5000.0), ratio=1.0)
    mags = absolute_mag(star, np.array([[np.pi / 4, 0.0]]))[0]
    light = star.radius[0, :, None] ** 2 * brightness(star.temperature[0])
    expected = 2.5 * np.log10(light.sum(axis=0) / light[1])
    # Tides and mutual heating are of the order of the radius cubed.
    assert mags[1] - mags[0] == pytest.approx(expected, abs=0.005)
    assert expected[0] > expected[2] + 0.2


def test_no_light_is_lost_when_the_orbit_is_seen_from_above():
    # First contact is at cos i = 0.15.
    mags = absolute_mag(pair(cos_i=0.16, ratio=1.0), np.linspace(0, 2 * np.pi, 200)[None])[0]
    assert np.ptp(mags, axis=0).max() < 0.01
    assert np.ptp(absolute_mag(pair(cos_i=0.14, ratio=1.0), np.array([[0.0, 1.0]]))[0, :, 1]) > 0.001
    assert depths(pair(cos_i=0.0, ratio=1.0))[0, 0] > 0.1


def test_tides_brighten_a_star_twice_an_orbit_seen_from_the_side():
    tidal = pair(radii=(0.3, 0.01), temperatures=(6000.0, 1000.0), ratio=1.0, cos_i=0.5)
    mags = absolute_mag(tidal, np.array([[0.0, np.pi / 2, np.pi, 3 * np.pi / 2]]))[0, :, 1]
    assert mags[1] == pytest.approx(mags[3])
    # Morris 1985 for limb darkening 0.6 and gravity darkening 0.3: 2 x 1.27 x 0.3**3 x sin(i)**2, as magnitudes.
    assert mags[0] - mags[1] == pytest.approx(1.086 * 2 * 1.27 * 0.027 * 0.75, rel=0.1)


def test_the_secondary_eclipse_of_an_eccentric_orbit_is_not_half_a_period_from_the_primary():
    phase = np.linspace(0, 1, 2001)[None]
    for eccentricity, least, most in ((0.0, 0.499, 0.501), (0.3, 0.6, 0.75)):
        star = pair(eccentricity=eccentricity, ratio=1.0)
        mags = absolute_mag(star, orbital_angle(star, phase))[0, :, 1]
        secondary = phase[0, 500 + np.argmax(mags[500:1800])]
        assert least < secondary < most
        assert mags[0] == mags.max()


def test_kepler_s_laws_hold():
    assert semi_major_axis(np.array(365.25), np.array(1.0)) == pytest.approx(215.0, rel=0.002)
    star = replace(pair(eccentricity=0.3), periastron=np.array([1.0]))
    angle = np.unwrap(orbital_angle(star, np.linspace(0, 1, 4001)[None])[0])
    distance = 1 / (1 + 0.3 * np.cos((angle[1:] + angle[:-1]) / 2 + np.pi / 2 - 1.0))
    swept = distance**2 * np.diff(angle)
    assert np.ptp(swept) < 1e-4 * swept.mean()
    assert roche_radius(np.array(1.0)) == pytest.approx(0.379, abs=0.001)


@pytest.mark.parametrize("module", [ea, eb, ew])
def test_binaries_repeat_exactly_and_answer_the_same_in_any_batch(classes, module):
    objects = classes[module]
    rng = np.random.default_rng(1)
    which, fid = rng.integers(0, 200, 2000), rng.integers(GREEN, INFRARED + 1, 2000)
    mjd = rng.uniform(SETTING.first_mjd, SETTING.last_mjd, 2000)
    mags = objects.mag(which, mjd, fid)
    assert np.all(np.isfinite(mags))
    assert objects.mag(which, mjd + 7 * objects.period[which], fid) == pytest.approx(mags, abs=1e-5)
    backwards = objects.mag(which[::-1], mjd[::-1], fid[::-1])[::-1]
    assert np.array_equal(mags, backwards)
    assert np.array_equal(mags[:9], objects.mag(which[:9], mjd[:9], fid[:9]))
    again = module.make(np.random.default_rng(3), 200, SETTING)
    assert np.array_equal(mags, again.mag(which, mjd, fid))


@pytest.mark.parametrize(("module", "shortest", "longest"), [(ea, 0.5, 10), (eb, 0.4, 3), (ew, 0.22, 0.8)])
def test_binaries_lie_where_their_class_does(classes, module, shortest, longest):
    objects = classes[module]
    assert len(objects) == len(objects.ra) == 200
    assert set(objects.types) == {module.__name__[-2:].upper()}
    assert objects.catalogue == "B/vsx/vsx"
    assert shortest <= objects.period.min() < objects.period.max() <= longest
    red = folded(objects, RED)
    assert red.min(axis=1) == pytest.approx(np.clip(red.min(axis=1), 12.7, 19.1))
    assert np.ptp(red, axis=1).min() > 0.095


def test_detached_binaries_are_mostly_at_rest_and_contact_ones_never(classes):
    rest = {}
    for module, objects in classes.items():
        red = folded(objects, RED)
        near_top = red - red.min(axis=1, keepdims=True) < 0.15 * np.ptp(red, axis=1)[:, None]
        rest[module] = np.mean(near_top, axis=1)
    assert np.median(rest[ea]) > 0.75
    assert np.mean(rest[ea] > 0.5) > 0.9
    assert np.median(rest[ew]) < 0.5
    assert rest[ew].max() < 0.6
    # Between eclipses contact binaries change all the time, by more than a hundredth of their amplitude an eightieth
    # of the period, except at the very turning points.
    red = folded(classes[ew], RED, 80)
    still = np.abs(np.roll(red, 1, axis=1) - red) < 0.01 * np.ptp(red, axis=1)[:, None]
    assert np.mean(still) < 0.2


def test_minima_of_contact_binaries_are_nearly_equal_and_of_semi_detached_ones_unequal(classes):
    first, second = minima(folded(classes[ew], RED))
    assert np.all(first - second < 0.13)
    assert np.median(first - second) < 0.05
    first, second = minima(folded(classes[eb], RED))
    assert np.all(first - second > 0.04)
    assert np.median(first - second) > 0.2


def test_contact_binaries_are_the_redder_and_fainter_the_shorter_their_period(classes):
    objects = classes[ew]
    swing = np.ptp(folded(objects, RED), axis=1)
    assert swing.max() < 0.9
    colour = folded(objects, RED).min(axis=1) - folded(objects, INFRARED).min(axis=1)
    assert np.corrcoef(np.log10(objects.period), colour)[0, 1] < -0.3
