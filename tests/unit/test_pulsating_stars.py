"""What all pulsating classes promise: ranges of period and amplitude, colours, pure magnitudes, clocks."""

import numpy as np
import pytest

from starloop.sky.populations import cepheid, cycles, delta_scuti, mira, rrab, rrc, semiregular
from starloop.sky.populations.galaxy import galactic_latitude
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting

SETTING = Setting(58200.0, 59300.0)
CLASSES = [rrab, rrc, cepheid, delta_scuti, mira, semiregular]
N = 150


@pytest.fixture(scope="module", params=CLASSES, ids=lambda module: module.__name__.rsplit(".", 1)[-1])
def drawn(request):
    return request.param, request.param.make(np.random.default_rng(7), N, SETTING)


def curves(objects, mjd, fid):
    """Magnitudes of every object at the times `mjd`, shape (n, times) or (times,)."""
    mjd = np.broadcast_to(mjd, (len(objects), np.shape(mjd)[-1]))
    which = np.repeat(np.arange(len(objects)), mjd.shape[1])
    return objects.mag(which, mjd.ravel(), np.full(len(which), fid)).reshape(mjd.shape)


def span(module):
    """Times that cover the range of a star of this class: many periods, phases well mixed."""
    return (
        58200 + 1100 * np.linspace(0, 1, 1000) if module in (mira, semiregular) else 58200 + 30 * np.arange(1000) / 999
    )


def test_catalogue_facts(drawn):
    module, objects = drawn
    types = {
        rrab: {"RRAB"},
        rrc: {"RRC"},
        cepheid: {"DCEP"},
        delta_scuti: {"DSCT", "HADS"},
        mira: {"M"},
        semiregular: {"SR"},
    }
    assert set(objects.types) == types[module]
    assert objects.catalogue == "B/vsx/vsx"
    assert objects.in_reference
    assert np.isnan(objects.redshift).all()
    assert len(objects) == len(objects.ra) == len(objects.dec) == len(objects.period) == N


def test_periods_stay_in_the_range_of_the_class(drawn):
    module, objects = drawn
    shortest, longest = {
        rrab: (0.4, 0.9),
        rrc: (0.2, 0.45),
        cepheid: (2, 51),
        delta_scuti: (0.03, 0.25),
        mira: (100, 500),
        semiregular: (30, 250),
    }[module]
    assert objects.period.min() >= shortest
    assert objects.period.max() <= longest
    assert objects.period.std() > 0.05 * objects.period.mean()


def test_amplitudes_stay_in_the_range_of_the_class_and_fall_towards_the_red(drawn):
    module, objects = drawn
    green, red, infrared = (np.ptp(curves(objects, span(module), fid), axis=1) for fid in (GREEN, RED, INFRARED))
    assert np.all(green > red)
    assert np.all(red > infrared)
    smallest, largest = {
        rrab: (0.2, 2.0),
        rrc: (0.28, 0.7),
        cepheid: (0.25, 1.7),
        delta_scuti: (0.02, 0.82),
        mira: (2.0, 7.0),
        semiregular: (0.1, 2.5),
    }[module]
    assert green.min() > smallest
    assert green.max() < largest


def test_mean_red_magnitudes_lie_within_reach(drawn):
    module, objects = drawn
    mean = curves(objects, span(module), RED).mean(axis=1)
    assert mean.min() > 12.5
    assert mean.max() < 20.3


def test_the_same_magnitudes_in_any_order_and_batch(drawn):
    _, objects = drawn
    rng = np.random.default_rng(8)
    which, mjd, fid = rng.integers(0, N, 5000), rng.uniform(58000, 59400, 5000), rng.integers(1, 4, 5000)
    at_once = objects.mag(which, mjd, fid)
    assert np.isfinite(at_once).all()
    order = rng.permutation(5000)
    np.testing.assert_array_equal(objects.mag(which[order], mjd[order], fid[order]), at_once[order])
    np.testing.assert_array_equal(objects.mag(which[:7], mjd[:7], fid[:7]), at_once[:7])
    rows = np.array([5, 2, 9])
    np.testing.assert_array_equal(
        objects.take(rows).mag(np.arange(3), mjd[:3], fid[:3]), objects.mag(rows, mjd[:3], fid[:3])
    )


def test_the_same_seed_gives_the_same_objects(drawn):
    module, objects = drawn
    again = module.make(np.random.default_rng(7), N, SETTING)
    other = module.make(np.random.default_rng(9), N, SETTING)
    times = np.linspace(58300, 58400, 20)
    np.testing.assert_array_equal(curves(objects, times, RED), curves(again, times, RED))
    assert not np.array_equal(objects.ra, other.ra)


def test_light_curves_have_no_jumps(drawn):
    _, objects = drawn
    mjd = 58300 + np.linspace(0, 2, 4001) * objects.period[:, np.newaxis]
    magnitudes = curves(objects, mjd, GREEN)
    # In 1/2000 of a period even the steepest rise, a tenth of a cycle long, covers under 2 % of the amplitude.
    assert np.all(np.abs(np.diff(magnitudes)).max(axis=1) < 0.02 * np.ptp(magnitudes, axis=1))


def test_in_the_plane_stars_are_redder(drawn):
    module, outside = drawn
    plane = module.make(np.random.default_rng(7), N, Setting(58200.0, 59300.0, in_plane=True))
    assert np.all(np.abs(galactic_latitude(plane.ra, plane.dec)) < 4)
    colours = [
        np.median(curves(objects, span(module), GREEN) - curves(objects, span(module), RED))
        for objects in (outside, plane)
    ]
    assert colours[1] > colours[0] + 0.2


def test_none_and_one_can_be_made(drawn):
    module, _ = drawn
    assert len(module.make(np.random.default_rng(1), 0, SETTING)) == 0
    assert np.isfinite(
        module.make(np.random.default_rng(1), 1, SETTING).mag(np.array([0]), np.array([58500.0]), np.array([1]))
    )


def test_departures_are_met_at_whole_cycles_and_passed_smoothly_between():
    departures = cycles.scatter(np.random.default_rng(1), np.full(3, 0.1))
    which = np.full(5, 2)
    met = cycles.between(departures, which, np.array([10.0, 10.5, 11.0, -54.0, 74.0]))
    assert met[0] == met[3] == met[4] == departures[2, 10]
    assert met[1] == pytest.approx((departures[2, 10] + departures[2, 11]) / 2)
    assert met[2] == departures[2, 11]
    assert np.abs(departures).max() <= 0.2


def test_half_turns_pass_minimum_after_the_fall():
    at = cycles.half_turns(np.array([0.0, 0.7, 0.85, 3.35, -0.3]), np.full(5, 0.3))
    np.testing.assert_allclose(at, [0, 1, 1.5, 0.5, 1])
