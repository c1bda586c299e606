"""When, where and which transients explode, and how redshift changes what is seen of a rest-frame light curve."""

from functools import cache

import numpy as np
import pytest

from starloop.sky.populations import slsn, sn_ia, sn_ibc, sn_ii, tde
from starloop.sky.populations.cosmology import dimming, distance_modulus, reach, redshift_at
from starloop.sky.populations.explosions import Events, explode
from starloop.sky.populations.galaxy import extinction
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting
from starloop.sky.populations.templates import curves, observed, read

SETTING = Setting(58200.0, 59300.0)
MODULES = {"SNIA": sn_ia, "SNIBC": sn_ibc, "SNII": sn_ii, "SLSN": slsn, "TDE": tde}
N = 500

every_class = pytest.mark.parametrize("kind", MODULES)


@cache
def drawn(kind):
    return MODULES[kind].make(np.random.default_rng(11), N, SETTING)


def at(redshift, exploded=58300.0):
    one = np.ones(len(redshift))
    return Events(np.arange(len(redshift)), 0 * one, 0 * one, 0 * one, np.asarray(redshift), exploded * one)


def test_distances_are_those_of_the_standard_cosmology():
    # Luminosity distances of 460.3 and 2832.9 Mpc.
    assert np.allclose(distance_modulus(np.array([0.1, 0.5])), [38.315, 42.261], atol=0.005)
    redshift = np.array([0.01, 0.1, 0.6])
    assert np.allclose(redshift_at(reach(dimming(redshift))), redshift, rtol=1e-3)


def test_drawn_curves_pass_their_points_and_have_no_other_extremes():
    days, mags = [0, 5, 18, 30, 60, 100], [9, 2, 0, 0.5, 0.4, 3]
    table = curves(days, mags)
    row = np.zeros(6, dtype=np.int64)
    assert np.allclose(read(table, row, np.array(days, dtype=float)), mags, atol=1e-9)
    signs = np.sign(np.diff(table[0]))
    assert np.sum(signs[1:] != signs[:-1]) == 3
    assert read(table, row[:1], np.array([1e5]))[0] == pytest.approx(table[0, -1], abs=0.01)


def test_a_supernova_farther_away_is_slower_redder_and_seen_at_the_light_it_emitted():
    nearby, far = 0.0001, 642 / 478 - 1
    fading = observed(at([nearby, far]), lambda which, day, band: -19 + 0.1 * day, np.zeros(2))
    which, fid = np.array([0, 1]), np.full(2, RED)
    slope = (fading(which, np.full(2, 58340.0), fid) - fading(which, np.full(2, 58320.0), fid)) / 20
    assert np.allclose(slope, 0.1 / (1 + np.array([nearby, far])))

    levels = np.array([-17.0, -18.0, -19.0, -20.0])
    coloured = observed(at([nearby, far]), lambda which, day, band: levels[band], np.zeros(2))
    expected = dimming(np.array([nearby, far])) + np.array([-19.0, -18.0])
    assert np.allclose(coloured(which, np.full(2, 58320.0), fid), expected, atol=1e-3)
    # Distance modulus alone would leave out the squeezed spectrum.
    assert dimming(np.array([1.0])) == pytest.approx(distance_modulus(np.array([1.0])) - 0.7526, abs=1e-3)


def test_dust_dims_and_reddens():
    dusty = observed(at([0.0001]), lambda which, day, band: np.full(len(day), -19.0), np.array([0.5]))
    clear = observed(at([0.0001]), lambda which, day, band: np.full(len(day), -19.0), np.zeros(1))
    fids = np.array([GREEN, RED, INFRARED])
    lost = dusty(np.zeros(3, int), np.full(3, 58310.0), fids) - clear(np.zeros(3, int), np.full(3, 58310.0), fids)
    assert np.allclose(lost, 0.5 * np.array([3.3, 2.31, 1.71]), atol=0.01)


def test_explosions_happen_evenly_in_time_and_volume():
    events = explode(np.random.default_rng(3), 20000, np.full(30000, -15.0), 100.0, SETTING)
    share = (np.sort(events.exploded) - 58100) / 1200
    assert np.max(np.abs(share - np.linspace(0, 1, len(share)))) < 0.015
    apparent = dimming(events.redshift) - 15 + extinction(events.reddening, np.full(20000, RED))
    assert np.sum(apparent < 17.5) / np.sum(apparent < 16.5) == pytest.approx(10**0.6, rel=0.15)
    assert np.abs(events.dec).max() <= 90


def test_a_brighter_explosion_is_listed_more_often():
    bright = np.arange(120000) % 2 == 0
    events = explode(np.random.default_rng(3), 4000, np.where(bright, -16.0, -15.0), 100.0, SETTING)
    share = np.mean(bright[events.rows])
    assert share / (1 - share) == pytest.approx(10**0.6, rel=0.15)
    assert len(set(events.rows.tolist())) == 4000


@every_class
def test_magnitudes_do_not_depend_on_the_batch(kind):
    objects, rng = drawn(kind), np.random.default_rng(5)
    which, mjd, fid = rng.integers(0, N, 5000), rng.uniform(58100, 59400, 5000), rng.integers(1, 4, 5000)
    mags, order = objects.mag(which, mjd, fid), rng.permutation(5000)[:1777]
    assert np.array_equal(mags[order], objects.mag(which[order], mjd[order], fid[order]))
    again = MODULES[kind].make(np.random.default_rng(11), N, SETTING)
    assert np.array_equal(mags, again.mag(which, mjd, fid))
    some = np.array([7, 3, 400])
    assert objects.take(some).types == [objects.types[row] for row in some]


@every_class
@pytest.mark.parametrize("n", [0, 1, 5])
def test_few_objects_can_be_drawn_too(kind, n):
    assert len(MODULES[kind].make(np.random.default_rng(0), n, SETTING)) == n


def test_redshifts_follow_the_luminosity_of_the_class():
    middle = {kind: np.median(drawn(kind).redshift) for kind in MODULES}
    assert 0.06 < middle["SNIA"] < 0.11
    assert middle["SNII"] < middle["SNIBC"] < middle["SNIA"] < middle["TDE"] < middle["SLSN"]
    assert 0.15 < middle["SLSN"] < 0.3
    for kind in MODULES:
        assert np.percentile(drawn(kind).redshift, 99) < 0.65


def test_types_have_the_shares_of_the_bright_transient_survey():
    assert set(drawn("SNIA").types) == {"SN Ia"}
    assert set(drawn("SNIBC").types) == {"SN Ib", "SN Ic"}
    assert set(drawn("SLSN").types) == {"SLSN-I", "SLSN-II"}
    assert set(drawn("TDE").types) == {"TDE"}
    assert set(drawn("SNII").types) == {"SN II", "SN IIP", "SN IIb", "SN IIn"}
    share = {name: drawn("SNII").types.count(name) / N for name in set(drawn("SNII").types)}
    assert share["SN IIb"] == pytest.approx(0.10, abs=0.04)
    assert share["SN IIn"] == pytest.approx(0.12, abs=0.04)
    assert share["SN II"] > share["SN IIP"] > 0.1
