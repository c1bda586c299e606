"""Microlensing events: one symmetric magnification, as the point lens makes it."""

import numpy as np
import pytest

from starloop.sky.populations import microlensing
from starloop.sky.populations.galaxy import galactic_latitude
from starloop.sky.populations.microlensing import magnification
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting

SETTING = Setting(58500.0, 59600.0)
N = 300


@pytest.fixture(scope="module")
def events():
    return microlensing.make(np.random.default_rng(3), N, SETTING)


def curves(events, mjd, fid):
    return events.mag(np.repeat(np.arange(N), len(mjd)), np.tile(mjd, N), np.full(N * len(mjd), fid)).reshape(N, -1)


def test_the_magnification_is_that_of_a_point_lens():
    assert magnification(np.array(1.0)) == pytest.approx(3 / np.sqrt(5))
    u = np.array([0.01, 0.3, 2.0])
    assert magnification(u) == pytest.approx((u**2 + 2) / (u * np.sqrt(u**2 + 4)))
    assert magnification(np.array(50.0)) == pytest.approx(1.0, abs=1e-5)


def test_every_event_peaks_once_inside_the_span_and_is_symmetric(events):
    mjd = np.arange(SETTING.first_mjd - 500, SETTING.last_mjd + 500, 0.2)
    red = curves(events, mjd, RED)
    top = red.argmin(axis=1)
    assert np.all((mjd[top] > SETTING.first_mjd - 0.2) & (mjd[top] < SETTING.last_mjd + 0.2))
    for row, peak in zip(red, top, strict=True):
        assert np.all(np.diff(row[: peak + 1]) <= 1e-9)
        assert np.all(np.diff(row[peak:]) >= -1e-9)
        levels = row.max() - np.array([0.1, 0.3, 0.5]) * np.ptp(row)
        before = np.interp(-levels, -row[: peak + 1], mjd[: peak + 1])
        after = np.interp(levels, row[peak:], mjd[peak:])
        assert np.ptp((before + after) / 2) < 0.02 * (after - before)[0] + 0.02


def test_unblended_events_are_magnified_by_at_least_what_the_largest_impact_parameter_gives(events):
    mjd = np.arange(SETTING.first_mjd, SETTING.last_mjd, 0.25)
    red = curves(events, mjd, RED)
    rise = curves(events, np.array([SETTING.first_mjd - 1e5]), RED)[:, 0] - red.min(axis=1)
    unblended = 2.5 * np.log10(magnification(np.array(0.6)))
    # At most four fifths of the light are not the source's, in r.
    assert rise.min() > 2.5 * np.log10(1 + 0.2 * (magnification(np.array(0.6)) - 1)) - 0.02
    assert 0.4 < np.mean(rise > unblended) < 0.95


def test_colours_change_only_as_far_as_blending_makes_them(events):
    mjd = np.linspace(SETTING.first_mjd, SETTING.last_mjd, 800)
    green, red = curves(events, mjd, GREEN), curves(events, mjd, RED)
    change = np.abs((green - red) - (green - red)[:, :1]).max(axis=1)
    assert np.median(change) < 0.06
    assert change.max() < 0.6
    assert change.max() > 0.01


def test_events_last_weeks_and_favour_the_plane(events):
    assert events.catalogue is None
    assert set(events.types) == {""}
    assert events.in_reference
    latitude = np.abs(galactic_latitude(events.ra, events.dec))
    assert np.median(latitude) < 8
    assert latitude.min() > 3.9
    mjd = np.arange(SETTING.first_mjd - 1000, SETTING.last_mjd + 1000, 0.5)
    red = curves(events, mjd, RED)
    base, top = red.max(axis=1), red.min(axis=1)
    lasting = 0.5 * np.count_nonzero(red < (0.7 * base + 0.3 * top)[:, None], axis=1)
    assert 5 < np.median(lasting) < 60


def test_events_answer_the_same_in_any_batch_and_for_the_same_seed(events):
    rng = np.random.default_rng(1)
    which, fid = rng.integers(0, N, 2000), rng.integers(GREEN, INFRARED + 1, 2000)
    mjd = rng.uniform(SETTING.first_mjd, SETTING.last_mjd, 2000)
    mags = events.mag(which, mjd, fid)
    assert np.array_equal(mags, events.mag(which[::-1], mjd[::-1], fid[::-1])[::-1])
    assert np.array_equal(mags[:9], events.mag(which[:9], mjd[:9], fid[:9]))
    assert np.array_equal(mags, microlensing.make(np.random.default_rng(3), N, SETTING).mag(which, mjd, fid))
