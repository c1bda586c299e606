"""Spotted stars drift, flare stars flash in the blue, constant stars do nothing."""

import numpy as np
import pytest

from starloop.sky.populations import by_dra, constant, flare, rs_cvn
from starloop.sky.populations.flare import template
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting

SETTING = Setting(58500.0, 59600.0)


@pytest.fixture(scope="module")
def classes():
    return {module: module.make(np.random.default_rng(3), 150, SETTING) for module in (rs_cvn, by_dra, constant, flare)}


def curve(objects, number, mjd, fid=RED):
    return objects.mag(np.full(len(mjd), number), mjd, np.full(len(mjd), fid))


def wave(mjd, mags, period):
    """Amplitude and phase of the first harmonic at a period, from an even grid over whole turns."""
    first = np.mean((mags - mags.mean()) * np.exp(2j * np.pi * mjd / period))
    return 2 * np.abs(first), np.angle(first) / (2 * np.pi)


@pytest.mark.parametrize("module", [rs_cvn, by_dra, constant, flare])
def test_stars_answer_the_same_in_any_batch_and_for_the_same_seed(classes, module):
    rng = np.random.default_rng(1)
    which, fid = rng.integers(0, 150, 3000), rng.integers(GREEN, INFRARED + 1, 3000)
    mjd = rng.uniform(SETTING.first_mjd, SETTING.last_mjd, 3000)
    mags = classes[module].mag(which, mjd, fid)
    assert np.all((mags > 10) & (mags < 23))
    assert np.array_equal(mags, classes[module].mag(which[::-1], mjd[::-1], fid[::-1])[::-1])
    assert np.array_equal(mags[:9], classes[module].mag(which[:9], mjd[:9], fid[:9]))
    assert np.array_equal(mags, module.make(np.random.default_rng(3), 150, SETTING).mag(which, mjd, fid))


@pytest.mark.parametrize(("module", "kind", "shortest", "longest"), [(rs_cvn, "RS", 1, 30), (by_dra, "BY", 0.3, 20)])
def test_spotted_stars_are_listed_with_the_rotation_period(classes, module, kind, shortest, longest):
    objects = classes[module]
    assert objects.catalogue == "B/vsx/vsx"
    assert set(objects.types) == {kind}
    assert shortest <= objects.period.min() < objects.period.max() <= longest


@pytest.mark.parametrize("module", [rs_cvn, by_dra])
def test_rotation_dominates_a_spotted_star_s_variation_within_weeks(classes, module):
    objects = classes[module]
    dominant = []
    for number in range(150):
        period = objects.period[number]
        mjd = 58700 + period * np.linspace(0, 6, 240, endpoint=False)
        mags = curve(objects, number, mjd)
        rotation = max(wave(mjd, mags, period)[0], wave(mjd, mags, period / 2)[0])
        others = [wave(mjd, mags, 6 * period / turns)[0] for turns in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11)]
        dominant.append(rotation > 2 * max(others))
    assert np.mean(dominant) > 0.9


@pytest.mark.parametrize("module", [rs_cvn, by_dra])
def test_the_maximum_drifts_through_the_cycle_within_a_year(classes, module):
    objects = classes[module]
    moved = []
    for number in range(150):
        period = objects.period[number]
        turns = period * np.linspace(0, 1, 60, endpoint=False)
        begin = 58700.0 + np.array([0.0, np.round(365 / period) * period])
        phases = [wave(day + turns, curve(objects, number, day + turns), period)[1] for day in begin]
        moved.append(np.abs((phases[1] - phases[0] + 0.5) % 1 - 0.5))
    assert np.median(moved) > 0.1
    assert np.mean(np.array(moved) > 0.03) > 0.8


@pytest.mark.parametrize(("module", "least", "most"), [(rs_cvn, 0.06, 0.35), (by_dra, 0.03, 0.15)])
def test_spots_show_most_in_green_and_least_in_infrared(classes, module, least, most):
    objects = classes[module]
    swing = {}
    for fid in (GREEN, RED, INFRARED):
        days = [58900 + objects.period[number] * np.linspace(0, 1, 40) for number in range(150)]
        swing[fid] = np.array([np.ptp(curve(objects, number, mjd, fid)) for number, mjd in enumerate(days)])
    assert np.all(swing[GREEN] >= swing[RED])
    assert np.all(swing[RED] >= swing[INFRARED])
    assert least < np.median(swing[RED]) < most


def test_constant_stars_do_not_vary_and_no_catalogue_lists_them(classes):
    objects = classes[constant]
    mjd = np.linspace(SETTING.first_mjd, SETTING.last_mjd, 500)
    assert all(np.ptp(curve(objects, number, mjd)) == 0 for number in range(150))
    assert objects.catalogue is None
    assert set(objects.types) == {""}
    assert 1 / 200 <= objects.bogus_rate <= 1 / 40


def test_the_flare_template_rises_within_a_width_and_decays_over_several():
    time = np.linspace(-3, 20, 23001)
    light = template(time)
    above = time[light >= 0.5]
    assert np.ptp(above) == pytest.approx(1.0, abs=0.1)
    assert np.abs(time[np.argmax(light)]) < 0.01
    assert light.max() == pytest.approx(1.0, abs=0.01)
    assert light[time < -1].max() == 0
    assert 0.1 < light[np.searchsorted(time, 3.0)] < 0.2


def test_flares_rise_fast_decay_slowly_and_are_bluer(classes):
    objects = classes[flare]
    mjd = np.arange(58500.0, 58560.0, 0.5 / 1440)
    compared = 0
    for number in range(40):
        green = curve(objects, number, mjd, GREEN)
        quiet, peak = np.median(green), int(np.argmin(green))
        if not 2000 < peak < len(mjd) - 2000 or quiet - green[peak] < 0.5:
            continue
        compared += 1
        light = 10 ** (-0.4 * (green[peak - 1000 : peak + 1000] - quiet)) - 1
        half = light > 0.5 * light.max()
        assert np.count_nonzero(half[:1000]) <= np.count_nonzero(half[1000:])
        tenth = light > 0.1 * light.max()
        assert np.count_nonzero(tenth[1000:]) > 1.5 * np.count_nonzero(tenth[:1000])
        assert 2 < np.count_nonzero(tenth) * 0.5 < 600
        moments = mjd[[0, peak]]
        at_peak = [-np.diff(curve(objects, number, moments, fid))[0] for fid in (GREEN, RED, INFRARED)]
        assert at_peak[0] > 1.5 * at_peak[1] > 1.5 * at_peak[2]
        assert at_peak[2] > 0
    assert compared >= 8


def test_a_survey_catches_flare_stars_now_and_then(classes):
    objects = classes[flare]
    rng = np.random.default_rng(5)
    mjd = rng.uniform(SETTING.first_mjd, SETTING.last_mjd, (150, 500))
    which = np.repeat(np.arange(150), 500)
    green = objects.mag(which, mjd.ravel(), np.full(which.size, GREEN)).reshape(mjd.shape)
    caught = np.count_nonzero(np.median(green, axis=1, keepdims=True) - green > 0.1, axis=1)
    assert np.mean(caught > 0) > 0.3
    assert caught.mean() < 25
