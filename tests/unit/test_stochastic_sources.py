"""Accreting objects vary as astronomers find them to: quasars, blazars, dwarf novae and young stars."""

import numpy as np
import pytest

from starloop.sky.populations import agn, blazar, dwarf_nova, qso, yso
from starloop.sky.populations.cosmology import distance_modulus
from starloop.sky.populations.galaxy import PLANE_DEG, galactic_latitude
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Setting
from starloop.sky.populations.outbursts import recurring
from starloop.sky.populations.random_walk import damped

_FIRST, _LAST = 58849.0, 59945.0
_SETTING = Setting(_FIRST, _LAST)
_KINDS = [qso, agn, blazar, dwarf_nova, yso]


def _curves(objects, mjd, fid=RED) -> np.ndarray:
    """One row an object, one column a moment."""
    n, moments = len(objects), len(mjd)
    which = np.repeat(np.arange(n), moments)
    return objects.mag(which, np.tile(mjd, n), np.full(n * moments, fid)).reshape(n, moments)


def _make(kind, n=200, setting=_SETTING):
    return kind.make(np.random.default_rng(7), n, setting)


def _change(curves, lag) -> float:
    """Root mean square change after so many columns."""
    return float(np.sqrt(np.mean((curves[:, lag:] - curves[:, :-lag]) ** 2)))


def test_a_damped_walk_has_the_structure_function_of_its_deviation_and_memory():
    walks = damped(np.random.default_rng(7), np.full(400, 0.2), np.full(400, 40.0), _SETTING, 1.0)
    mjd = np.arange(58200.0, _LAST)
    curves = np.stack([walks.at(np.full(len(mjd), number), mjd) for number in range(400)])
    for lag in (4, 40, 160):
        assert _change(curves, lag) == pytest.approx(0.2 * np.sqrt(2 * (1 - np.exp(-lag / 40))), rel=0.04)
    assert _change(curves, 600) == pytest.approx(0.2 * np.sqrt(2), rel=0.05)


def test_a_damped_walk_does_not_jump_between_its_nodes():
    walks = damped(np.random.default_rng(7), np.full(5, 0.3), np.full(5, 10.0), _SETTING, 2.0)
    mjd = np.arange(58200.0, _LAST, 0.01)
    assert np.abs(np.diff(walks.at(np.full(len(mjd), 3), mjd))).max() < 0.01


def test_the_last_event_is_looked_for_in_the_objects_own_list():
    interval = np.array([[10.0, 20.0, 30.0], [5.0, 100.0, 1.0]])
    events = recurring(np.array([4.0, 0.0]), interval, (1000.0, 1030.0))
    event, since = events.last(np.array([0, 0, 0, 1, 1]), np.array([1005.0, 1006.5, 1030.0, 1004.0, 1030.0]))
    np.testing.assert_allclose(since, [9.0, 0.5, 4.0, 4.0, 25.0])
    np.testing.assert_array_equal(events.pick(interval)[event], [10.0, 20.0, 30.0, 5.0, 100.0])


@pytest.mark.parametrize("kind", _KINDS)
def test_magnitudes_are_pure_and_finite_from_the_reference_images_to_the_last_night(kind):
    objects = _make(kind)
    rng = np.random.default_rng(3)
    which, fid = rng.integers(0, 200, 5000), rng.integers(1, 4, 5000)
    mjd = np.concatenate([[58200.0, _LAST], rng.uniform(58200, _LAST, 4998)])
    mags = objects.mag(which, mjd, fid)
    assert np.isfinite(mags).all()
    assert mags.min() > 10
    assert mags.max() < 25
    order = rng.permutation(5000)[:77]
    np.testing.assert_array_equal(objects.mag(which[order], mjd[order], fid[order]), mags[order])
    np.testing.assert_array_equal(_make(kind).mag(which, mjd, fid), mags)


@pytest.mark.parametrize("kind", _KINDS)
def test_the_reference_images_see_variation_even_when_the_survey_starts_late(kind):
    objects = _make(kind, 50, Setting(59500.0, 59600.0))
    assert np.ptp(_curves(objects, np.linspace(58200, 58600, 80)), axis=1).min() > 0


@pytest.mark.parametrize("kind", _KINDS)
def test_objects_lie_within_reach_of_the_survey(kind):
    mean = _curves(_make(kind), np.linspace(_FIRST, _LAST, 100)).mean(axis=1)
    assert mean.min() > 12.5
    assert np.median(mean) < (20 if kind is dwarf_nova else 19)


def test_the_scaling_of_quasar_variability_is_the_published_one():
    z = qso.WAVELENGTH[1] / 4000 - 1  # seen in r, emitted at 4000 Angstrom
    assert qso.structure_function(-23.0, 9.0, z) == pytest.approx(0.309, rel=0.002)
    assert qso.memory(-23.0, 9.0, z) == pytest.approx(251.2 * (1 + z), rel=0.002)
    assert qso.structure_function(-26.0, 9.5, z) == pytest.approx(0.309 * 10 ** (-0.393 + 0.09), rel=0.002)
    assert qso.memory(-26.0, 9.5, z) == pytest.approx(251.2 * (1 + z) * 10 ** (-0.09 + 0.105), rel=0.002)


def test_quasars_wander_with_the_size_and_memory_of_macleod_et_al():
    quasars = _make(qso, 500)
    mjd = np.arange(58200.0, _LAST, 5)
    curves = _curves(quasars, mjd)
    # Dust adds a little to the apparent magnitude; its effect on the expected size is below 2 %.
    z = quasars.redshift
    absolute_i = curves.mean(axis=1) - 0.1 - 0.2 - distance_modulus(z) + 1.25 * np.log10(1 + z)
    log_mass = qso.black_hole(absolute_i)
    size = qso.structure_function(absolute_i, log_mass, z)
    memory = qso.memory(absolute_i, log_mass, z)
    assert 0.1 < np.median(size) < 0.3
    assert 200 < np.median(memory) < 1500
    for lag in (10, 40, 100):
        found = np.sqrt(np.mean((curves[:, lag:] - curves[:, :-lag]) ** 2, axis=1))
        assert np.median(found / (size * np.sqrt(1 - np.exp(-5 * lag / memory)))) == pytest.approx(1, abs=0.15)


def test_quasars_vary_more_towards_the_blue():
    quasars = _make(qso, 300)
    green, red, infrared = (_curves(quasars, np.arange(_FIRST, _LAST, 7), fid).std(axis=1) for fid in (1, 2, 3))
    assert np.median(green / red) == pytest.approx((4746 / 6366) ** -0.479, abs=0.01)
    assert np.median(infrared / red) == pytest.approx((7829 / 6366) ** -0.479, abs=0.01)


def test_quasars_are_most_common_beyond_redshift_one_and_reach_three():
    quasars = _make(qso, 300)
    assert 1 < np.median(quasars.redshift) < 1.8
    assert 2.4 < np.percentile(quasars.redshift, 98) < 3
    assert quasars.catalogue == "VII/290"


def test_the_host_galaxy_reddens_a_seyfert_and_drowns_part_of_its_variation():
    mjd = np.arange(58200.0, _LAST, 5)
    shares = {}
    for kind in (qso, agn):
        objects = _make(kind, 400)
        z, curves = objects.redshift, _curves(objects, mjd)
        absolute_i = curves.mean(axis=1) - 0.3 - distance_modulus(z)
        size = qso.structure_function(absolute_i, qso.black_hole(absolute_i), z)
        memory = qso.memory(absolute_i, qso.black_hole(absolute_i), z)
        after_a_year = np.sqrt(np.mean((curves[:, 73:] - curves[:, :-73]) ** 2, axis=1))
        shares[kind] = np.median(after_a_year / (size * np.sqrt(1 - np.exp(-365 / memory))))
    assert shares[agn] < 0.75 * shares[qso]
    seyferts, quasars = _make(agn, 400), _make(qso, 400)
    colour = [np.median(_curves(o, mjd[:5], GREEN) - _curves(o, mjd[:5], RED)) for o in (seyferts, quasars)]
    assert colour[0] > colour[1] + 0.1
    assert seyferts.redshift.max() < 0.301


def test_blazars_vary_more_and_faster_than_quasars():
    mjd = np.arange(58200.0, _LAST, 1.0)
    jets, quasars = (_curves(_make(kind, 300), mjd) for kind in (blazar, qso))
    assert np.median(jets.std(axis=1)) > 3 * np.median(quasars.std(axis=1))
    assert np.median(np.ptp(jets, axis=1)) > 1
    # The share of all change that has come about within ten days.
    assert _change(jets, 10) / _change(jets, 400) > 2 * _change(quasars, 10) / _change(quasars, 400)


def test_some_blazars_have_no_redshift_and_their_spectrum_is_red():
    jets = _make(blazar, 400)
    assert 0.3 < np.mean(np.isnan(jets.redshift)) < 0.5
    mjd = np.array([58900.0])
    green, red, infrared = (_curves(jets, mjd, fid) for fid in (GREEN, RED, INFRARED))
    assert 0.3 < np.median(green - red) < 0.6
    assert 0.2 < np.median(red - infrared) < 0.45


def _outbursts(curve, step):
    """Starts, lengths (d) and heights of the stretches at least one magnitude above quiescence."""
    up = np.median(curve) - curve
    high = np.concatenate([[False], up > 1.0, [False]])
    starts, ends = np.flatnonzero(~high[:-1] & high[1:]), np.flatnonzero(high[:-1] & ~high[1:])
    heights = np.array([up[start:end].max() for start, end in zip(starts, ends, strict=True)])
    return starts * step, (ends - starts) * step, heights


def test_dwarf_novae_rest_most_of_the_time_and_burst_by_two_to_five_magnitudes():
    step = 0.1
    novae = _make(dwarf_nova, 60)
    curves = _curves(novae, np.arange(_FIRST, _LAST, step))
    resting = np.mean(np.median(curves, axis=1, keepdims=True) - curves < 0.8, axis=1)
    assert np.median(resting) > 0.7
    apart, heights = [], []
    for curve in curves:
        starts, _, height = _outbursts(curve, step)
        apart.append(np.mean(np.diff(starts)))
        heights.append(np.median(height))
    assert min(apart) > 15
    assert max(apart) < 220
    assert 30 < np.median(apart) < 70
    assert min(heights) > 1.7
    assert max(heights) < 5.5


def test_dwarf_novae_come_back_irregularly():
    curves = _curves(_make(dwarf_nova, 30), np.arange(_FIRST, _LAST, 0.2))
    gaps = [np.diff(_outbursts(curve, 0.2)[0]) for curve in curves]
    scatter = [np.std(gap) / np.mean(gap) for gap in gaps if len(gap) > 8]
    assert 0.1 < np.median(scatter) < 0.4


def test_dwarf_novae_rise_faster_than_they_fade():
    curves = _curves(_make(dwarf_nova, 60), np.arange(_FIRST, _LAST, 0.1))
    slopes = np.diff(curves[:, ::5], axis=1) / 0.5
    rising, fading = np.mean(slopes < -0.4), np.mean(slopes > 0.4)
    assert np.percentile(slopes, 0.5) < -1.5
    assert 0 < rising < fading


def test_only_su_ursae_majoris_stars_have_superoutbursts_of_about_two_weeks():
    novae = _make(dwarf_nova, 60)
    curves = _curves(novae, np.arange(_FIRST, _LAST, 0.1))
    for kind, curve in zip(novae.types, curves, strict=True):
        _, lengths, heights = _outbursts(curve, 0.1)
        lengths, heights = lengths[1:-1], heights[1:-1]  # the first and the last may be cut
        if kind != "UGSU" or len(lengths) < 10:
            continue
        superb = lengths > 9
        assert 0.05 < superb.mean() < 0.4
        assert 9 < np.median(lengths[superb]) < 17
        assert np.median(lengths[~superb]) < 7
        assert np.median(heights[superb]) > np.median(heights[~superb]) + 0.3


def test_dwarf_novae_are_bluer_in_outburst_and_have_no_catalogued_period():
    novae = _make(dwarf_nova, 60)
    mjd = np.arange(_FIRST, _FIRST + 400, 0.3)
    green, red = (_curves(novae, mjd, fid) for fid in (GREEN, RED))
    up = np.median(red, axis=1, keepdims=True) - red
    assert np.median((green - red)[up < 0.3]) - np.median((green - red)[up > 2]) == pytest.approx(0.5, abs=0.1)
    assert np.isnan(novae.period).all()
    assert set(novae.types) == {"UGSS", "UGSU"}


def test_bursts_of_t_tauri_stars_are_bluer_when_brighter():
    stars = _make(yso, 200)
    mjd = np.arange(_FIRST, _FIRST + 200, 0.5)
    green, red = (_curves(stars, mjd, fid) for fid in (GREEN, RED))
    for number in np.flatnonzero(np.array(stars.types) == "CTTS"):
        assert 0.15 < np.polyfit(red[number], (green - red)[number], 1)[0] < 0.5


def test_t_tauri_stars_burst_and_irregular_young_stars_dip():
    stars = _make(yso, 300)
    curves = _curves(stars, np.arange(_FIRST, _FIRST + 400, 0.5))
    asymmetry = np.array([np.mean(c) + np.mean(c) - np.percentile(c, 2) - np.percentile(c, 98) for c in curves])
    bursting = np.array(stars.types) == "CTTS"
    assert np.median(asymmetry[bursting]) > 0.03
    assert np.median(asymmetry[~bursting]) < -0.03
    swing = np.ptp(curves, axis=1)
    assert np.percentile(swing, 2) > 0.2
    assert np.percentile(swing, 90) < 2
    assert np.median(np.abs(np.diff(curves, axis=1))) < 0.2


def test_young_stars_lie_in_clouds_near_the_plane():
    outside, inside = _make(yso), _make(yso, setting=Setting(_FIRST, _LAST, in_plane=True))
    latitude = np.abs(galactic_latitude(outside.ra, outside.dec))
    assert latitude.min() >= PLANE_DEG
    assert np.percentile(latitude, 98) < 20
    assert np.abs(galactic_latitude(inside.ra, inside.dec)).max() < PLANE_DEG
