"""Shapes of pulsation: Bailey diagram, Hertzsprung progression, modes, and giants whose cycles differ."""

import numpy as np
import pytest

from starloop.sky.populations import cepheid, delta_scuti, mira, rrab, rrc, semiregular
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting

SETTING = Setting(58200.0, 59300.0)
SURVEY = np.linspace(58200, 59300, 1000)
N = 300


def curves(objects, mjd, fid):
    """Magnitudes of every object at the times `mjd`, shape (n, times) or (times,)."""
    mjd = np.broadcast_to(mjd, (len(objects), np.shape(mjd)[-1]))
    which = np.repeat(np.arange(len(objects)), mjd.shape[1])
    return objects.mag(which, mjd.ravel(), np.full(len(which), fid)).reshape(mjd.shape)


def one_cycle(objects, points=400, start=58500.0):
    return start + np.linspace(0, 1, points, endpoint=False) * objects.period[:, np.newaxis]


@pytest.mark.parametrize("module", [rrc, cepheid])
def test_strict_clocks_repeat_with_the_catalogued_period(module):
    objects = module.make(np.random.default_rng(7), N, SETTING)
    now, later = one_cycle(objects), one_cycle(objects) + 37 * objects.period[:, np.newaxis]
    np.testing.assert_allclose(curves(objects, now, GREEN), curves(objects, later, GREEN), atol=1e-5)
    half = curves(objects, now + objects.period[:, np.newaxis] / 2, GREEN)
    assert np.abs(curves(objects, now, GREEN) - half).max(axis=1).min() > 0.1


def test_most_rrab_stars_repeat_and_three_in_ten_show_the_blazhko_effect():
    objects = rrab.make(np.random.default_rng(7), N, SETTING)
    cycles_apart = one_cycle(objects), one_cycle(objects) + 37 * objects.period[:, np.newaxis]
    change = np.abs(np.subtract(*(curves(objects, mjd, GREEN) for mjd in cycles_apart))).max(axis=1)
    assert np.mean(change < 1e-4) == pytest.approx(0.7, abs=0.08)
    assert np.median(change[change > 1e-4]) > 0.03


def test_rrab_amplitude_falls_with_period_in_two_groups():
    objects = rrab.make(np.random.default_rng(7), 2000, SETTING)
    amplitude = np.ptp(curves(objects, one_cycle(objects, 200), GREEN), axis=1)
    assert np.corrcoef(objects.period, amplitude)[0, 1] < -0.4
    # At one amplitude the second group's periods are longer: a wider spread than the first group's alone.
    alike = objects.period[np.abs(amplitude - 1.1) < 0.1]
    assert np.mean(alike > 0.6) > 0.08


def test_rrab_rises_steeply_and_rrc_almost_evenly():
    rises = [rise_share(module.make(np.random.default_rng(7), N, SETTING)) for module in (rrab, rrc)]
    assert np.median(rises[0]) < 0.22
    assert 0.33 < np.median(rises[1]) < 0.5


def rise_share(objects):
    """Share of the cycle from minimum to maximum."""
    magnitudes = curves(objects, one_cycle(objects), GREEN)
    return (magnitudes.argmin(axis=1) - magnitudes.argmax(axis=1)) / magnitudes.shape[1] % 1


@pytest.mark.parametrize(
    ("days", "earliest", "latest"), [(6.5, 0.3, 0.5), (8.0, 0.1, 0.3), (10.0, -0.03, 0.03), (14.0, -0.25, -0.1)]
)
def test_the_hertzsprung_bump_walks_through_the_cycle(days, earliest, latest):
    assert earliest < cepheid.bump_at(np.array([np.log10(days)]))[0] < latest


def test_the_bump_is_seen_on_the_descending_branch_at_seven_days_and_not_at_three():
    objects = cepheid.make(np.random.default_rng(7), 3000, SETTING)
    # Before the bump the fall halts or turns, after it it hurries; without a bump it only ever continues.
    seen = {}
    for days in (3.0, 7.0):
        near = objects.take(np.flatnonzero(np.abs(np.log10(objects.period / days)) < 0.03))
        assert len(near) > 20
        magnitudes = curves(near, one_cycle(near), GREEN)
        from_maximum = np.array([np.roll(row, -row.argmin()) for row in magnitudes])
        slope = np.diff(from_maximum)[:, 60:200]
        halts = slope.min(axis=1) < 0.25 * np.median(slope, axis=1)
        seen[days] = np.mean(halts & (slope.argmin(axis=1) < slope.argmax(axis=1)))
    assert seen[3.0] == 0
    assert seen[7.0] > 0.9


def test_cepheids_of_ten_days_have_the_smallest_amplitudes():
    objects = cepheid.make(np.random.default_rng(7), 2000, SETTING)
    amplitude = np.ptp(curves(objects, one_cycle(objects, 100), GREEN), axis=1)
    near_ten = np.abs(objects.period - 10) < 1
    assert np.median(amplitude[near_ten]) < np.median(amplitude[objects.period < 7]) - 0.1


def test_longer_cepheids_are_redder():
    objects = cepheid.make(np.random.default_rng(7), 3000, Setting(58200.0, 59300.0, in_plane=True))
    green, red = (curves(objects, one_cycle(objects, 50), fid).mean(axis=1) for fid in (GREEN, RED))
    colour = green - red
    assert np.median(colour[objects.period > 10]) > np.median(colour[objects.period < 4])


def frequencies(objects, row, highest=45.0):
    """Frequencies (1/d) by falling amplitude in ten days of one star, found by prewhitening a fine spectrum."""
    mjd = np.arange(58200, 58220, 0.005)
    left = objects.mag(np.full(len(mjd), row), mjd, np.full(len(mjd), GREEN))
    left = left - left.mean()
    found = []
    for _ in range(2):
        spectrum = np.abs(np.fft.rfft(left * np.hanning(len(left)), 8 * len(left)))
        at = np.fft.rfftfreq(8 * len(left), 0.005)
        strongest = at[at < highest][spectrum[at < highest].argmax()]
        found.append(strongest)
        # Take out the mode with its harmonics.
        waves = [wave(2 * np.pi * k * strongest * mjd) for k in (1, 2, 3, 4) for wave in (np.cos, np.sin)]
        basis = np.stack(waves, axis=1)
        left = left - basis @ np.linalg.lstsq(basis, left, rcond=None)[0]
    return found, np.ptp(left)


def test_delta_scuti_stars_have_several_modes_and_the_catalogued_one_is_strongest():
    objects = delta_scuti.make(np.random.default_rng(7), 60, SETTING)
    low = [row for row, name in enumerate(objects.types) if name == "DSCT"][:12]
    first_and_second = [frequencies(objects, row)[0] for row in low]
    for row, (first, second) in zip(low, first_and_second, strict=True):
        assert first == pytest.approx(1 / objects.period[row], rel=0.02)
        assert abs(second - first) > 0.01


def test_double_mode_hads_have_the_overtone_at_077_of_the_period():
    objects = delta_scuti.make(np.random.default_rng(7), 200, SETTING)
    high = [row for row, name in enumerate(objects.types) if name == "HADS"][:25]
    ratios = []
    for row in high:
        found, _ = frequencies(objects, row)
        mjd = 58300 + np.array([0, 37]) * objects.period[row]
        one, later = objects.mag(np.full(2, row), mjd, np.full(2, GREEN))
        if abs(one - later) > 1e-6:
            ratios.append(found[0] / found[1])
    assert 3 <= len(ratios) <= 15
    np.testing.assert_allclose(ratios, 0.772, atol=0.012)


def test_hads_are_larger_and_less_even_than_the_others():
    objects = delta_scuti.make(np.random.default_rng(7), N, SETTING)
    amplitude = np.ptp(curves(objects, 58200 + 10 * np.arange(1000) / 999, GREEN), axis=1)
    high = np.array(objects.types) == "HADS"
    assert amplitude[high].min() > 0.25
    assert amplitude[~high].max() < 0.31
    assert np.median(rise_share(objects)[high]) < 0.4


def test_miras_scatter_from_cycle_to_cycle_and_stay_red():
    objects = mira.make(np.random.default_rng(7), N, SETTING)
    first, other = (one_cycle(objects) + k * objects.period[:, np.newaxis] for k in (0, 3))
    maxima = curves(objects, first, GREEN).min(axis=1) - curves(objects, other, GREEN).min(axis=1)
    assert 0.2 < maxima.std() < 0.8
    green, red, infrared = (curves(objects, SURVEY, fid).mean(axis=1) for fid in (GREEN, RED, INFRARED))
    assert np.median(green - red) > 1.5
    assert np.median(red - infrared) > 1.5


def test_miras_of_long_period_rise_more_steeply():
    objects = mira.make(np.random.default_rng(7), 2000, SETTING)
    rises = rise_share(objects)
    assert np.median(rises[objects.period > 380]) < np.median(rises[objects.period < 200]) - 0.03


def test_semiregulars_do_not_repeat():
    objects = semiregular.make(np.random.default_rng(7), N, SETTING)
    now, later = one_cycle(objects), one_cycle(objects) + 4 * objects.period[:, np.newaxis]
    change = np.abs(curves(objects, now, GREEN) - curves(objects, later, GREEN)).max(axis=1)
    assert np.median(change / np.ptp(curves(objects, SURVEY, GREEN), axis=1)) > 0.15
