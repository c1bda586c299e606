"""Supernovae and tidal disruptions shine, colour, fade and lie as far as surveys find them to."""

from functools import cache

import numpy as np
import pytest

from starloop.sky.populations import slsn, sn_ia, sn_ibc, sn_ii, tde
from starloop.sky.populations.cosmology import dimming
from starloop.sky.populations.objects import GREEN, INFRARED, NOT_THERE, RED, Setting

SETTING = Setting(58200.0, 59300.0)
MODULES = {"SNIA": sn_ia, "SNIBC": sn_ibc, "SNII": sn_ii, "SLSN": slsn, "TDE": tde}
N = 500
DAYS = np.arange(0, 400, 0.5)  # rest-frame, from the first light

every_class = pytest.mark.parametrize("kind", MODULES)


@cache
def drawn(kind):
    return MODULES[kind].make(np.random.default_rng(11), N, SETTING)


@cache
def first_light(kind):
    """The last moment of darkness, by halving the interval between night and light."""
    objects = drawn(kind)
    dark, light = np.full(N, SETTING.first_mjd - 1000), np.full(N, SETTING.last_mjd + 1)
    for _ in range(40):
        middle = (dark + light) / 2
        there = objects.mag(np.arange(N), middle, np.full(N, RED)) < NOT_THERE
        dark, light = np.where(there, dark, middle), np.where(there, middle, light)
    return light


@cache
def curve(kind, fid):
    """Magnitudes of shape (N, days), on rest-frame days after the first light."""
    objects = drawn(kind)
    mjd = first_light(kind)[:, None] + DAYS * (1 + objects.redshift[:, None])
    which = np.broadcast_to(np.arange(N)[:, None], mjd.shape)
    return objects.mag(which, mjd, np.full(mjd.shape, fid))


def peak(kind, fid):
    return curve(kind, fid).min(axis=1)


def absolute(kind, fid=RED):
    return peak(kind, fid) - dimming(drawn(kind).redshift)


def after_peak(kind, fid, days):
    """Magnitudes below maximum, so many rest-frame days after it."""
    mags = curve(kind, fid)
    top = mags.argmin(axis=1)
    return mags[np.arange(N), top + round(days / 0.5)] - mags[np.arange(N), top]


def of_type(kind, name):
    return np.array(drawn(kind).types) == name


def peaks(mags):
    """How many times each curve brightens to a maximum that it then leaves by 0.03 mag before the next."""
    count = np.zeros(len(mags), dtype=int)
    for row, light in enumerate(-mags):
        lowest, highest, rising = light[0], light[0], True
        for value in light[1:]:
            highest, lowest = max(highest, value), min(lowest, value)
            if rising and value < highest - 0.03:
                count[row] += 1
                rising, lowest = False, value
            elif not rising and value > lowest + 0.03:
                rising, highest = True, value
    return count


@every_class
def test_nothing_shines_before_it_explodes_and_no_reference_image_shows_it(kind):
    objects = drawn(kind)
    assert objects.catalogue == "BTS"
    assert not objects.in_reference
    assert len(objects) == N
    start = first_light(kind)
    for fid in (GREEN, RED, INFRARED):
        assert np.all(objects.mag(np.arange(N), start - 0.01, np.full(N, fid)) == NOT_THERE)
        assert np.all(np.isfinite(curve(kind, fid)))
        assert np.all(objects.mag(np.arange(N), start + 40, np.full(N, fid)) < 27)


@every_class
def test_most_peak_between_16_and_20_and_few_are_near(kind):
    brightest = peak(kind, RED)
    assert np.mean((brightest > 16) & (brightest < 20)) > 0.8
    assert 18 < np.median(brightest) < 19.5
    assert np.mean(brightest < 17) < 0.15


def test_type_ia_supernovae_that_fade_faster_are_fainter():
    decline, mag = after_peak("SNIA", GREEN, 15), absolute("SNIA", GREEN)
    normal = mag < -18.3
    assert np.mean(normal) > 0.9
    assert np.all((decline[normal] > 0.6) & (decline[normal] < 1.9))
    assert 0.8 < np.median(decline[normal]) < 1.15
    assert np.percentile(decline[normal], 98) - np.percentile(decline[normal], 2) > 0.4
    assert np.corrcoef(decline[normal], mag[normal])[0, 1] > 0.2
    assert -19.5 < np.median(mag) < -18.9
    assert np.std(mag[normal]) < 0.5


def test_a_few_type_ia_supernovae_are_faint_fast_and_red():
    faint = absolute("SNIA", GREEN) > -17.6
    assert 0 < np.mean(faint) < 0.06
    colour = peak("SNIA", GREEN) - peak("SNIA", RED)
    assert np.median(colour[faint]) > np.median(colour[~faint]) + 0.25
    decline = after_peak("SNIA", GREEN, 15)
    assert np.median(decline[faint]) > np.median(decline[~faint]) + 0.4


def test_only_type_ia_supernovae_have_a_second_maximum_in_i():
    near = drawn("SNIA").redshift < 0.08
    normal = near & (absolute("SNIA", GREEN) < -18.3)
    assert np.mean(peaks(curve("SNIA", INFRARED)[normal, :160]) == 2) > 0.95
    assert np.all(peaks(curve("SNIA", GREEN)[near, :160]) == 1)
    assert np.all(peaks(curve("SNIBC", INFRARED)[:, :160]) == 1)


def test_type_ia_supernovae_pause_in_r_when_they_do_not_in_g():
    near = (drawn("SNIA").redshift < 0.06) & (absolute("SNIA", GREEN) < -18.3)
    slopes = {fid: after_peak("SNIA", fid, 22) - after_peak("SNIA", fid, 17) for fid in (GREEN, RED)}
    before = after_peak("SNIA", RED, 12) - after_peak("SNIA", RED, 7)
    assert np.median(slopes[RED][near]) < 0.7 * np.median(before[near])
    assert np.median(slopes[GREEN][near]) > 2 * np.median(slopes[RED][near])


def test_stripped_supernovae_are_fainter_and_redder_than_type_ia():
    assert np.median(absolute("SNIBC")) > np.median(absolute("SNIA")) + 0.8
    colour = {kind: np.median(peak(kind, GREEN) - peak(kind, RED)) for kind in ("SNIA", "SNIBC")}
    assert colour["SNIBC"] > colour["SNIA"] + 0.2
    decline = after_peak("SNIBC", RED, 15)
    assert 0.6 < np.median(decline) < 0.9
    assert decline.min() > 0.3


def test_a_plateau_stays_and_then_falls():
    red = curve("SNII", RED)[of_type("SNII", "SN IIP")]
    change = np.ptp(red[:, 40:141], axis=1)
    assert np.mean(change < 0.7) > 0.95
    assert np.median(change) < 0.45
    fallen = red[:, 320] - red[:, 140]
    assert np.median(fallen) > 1.5
    # Cobalt's tail.
    assert np.allclose((red[:, 600] - red[:, 400]) / 100, 0.0098, atol=0.002)
    green = curve("SNII", GREEN)[of_type("SNII", "SN IIP")]
    assert np.median((green - red)[:, 140] - (green - red)[:, 20]) > 0.5


def test_brighter_supernovae_of_type_ii_decline_faster():
    plain = of_type("SNII", "SN II") | of_type("SNII", "SN IIP")
    decline = curve("SNII", RED)[:, 100] - curve("SNII", RED)[:, 40]
    assert np.corrcoef(decline[plain], absolute("SNII")[plain])[0, 1] < -0.2


def test_about_half_of_type_iib_have_two_peaks():
    two = peaks(curve("SNII", GREEN)[of_type("SNII", "SN IIb")][:, :120]) == 2
    assert 0.25 < np.mean(two) < 0.75


def test_supernovae_in_dense_gas_are_bright_and_slow():
    dense, plain = of_type("SNII", "SN IIn"), of_type("SNII", "SN II")
    assert np.median(absolute("SNII")[dense]) < np.median(absolute("SNII")[plain]) - 1
    assert np.median(curve("SNII", RED)[dense].argmin(axis=1)) > np.median(curve("SNII", RED)[plain].argmin(axis=1))


def test_superluminous_supernovae_are_brighter_slower_and_bluer_than_type_ia():
    assert np.median(absolute("SLSN", GREEN)) < np.median(absolute("SNIA", GREEN)) - 1.5
    rise = {kind: curve(kind, GREEN).argmin(axis=1) * 0.5 for kind in ("SLSN", "SNIA")}
    assert 30 < np.median(rise["SLSN"]) < 60
    assert 15 < np.median(rise["SNIA"]) < 20
    assert np.median(after_peak("SLSN", GREEN, 15)) < 0.5 * np.median(after_peak("SNIA", GREEN, 15))
    month = {kind: after_peak(kind, GREEN, 30) - after_peak(kind, RED, 30) for kind in ("SLSN", "SNIA")}
    assert np.median(month["SLSN"]) < np.median(month["SNIA"]) - 0.4


def test_tidal_disruptions_are_blue_smooth_and_keep_their_colour():
    colour = curve("TDE", GREEN) - curve("TDE", RED)
    assert np.max(np.ptp(colour[:, 2:], axis=1)) < 1e-6
    galactic = np.median(colour)
    assert -0.4 < galactic < -0.1
    assert np.all(peaks(curve("TDE", GREEN)) == 1)
    assert 20 < np.median(curve("TDE", RED).argmin(axis=1) * 0.5) < 45
    assert -20.7 < np.median(absolute("TDE", GREEN)) < -19.3
    assert np.median(after_peak("TDE", RED, 60)) < np.median(after_peak("SNIA", RED, 60)) - 0.8
