"""The survey as an instrument: when it looks, how deep, and what it measures."""

import numpy as np
import pytest

from starloop.nights.calendar import Night
from starloop.sky.populations.galaxy import PLANE_DEG, galactic_latitude
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Objects, unknown
from starloop.sky.survey.exposures import merged
from starloop.sky.survey.fields import field_centres, field_of
from starloop.sky.survey.heavens import moon, moonlight, sine_of_altitude, sun, to_sun_days
from starloop.sky.survey.neighbours import NEIGHBOUR_SHARE
from starloop.sky.survey.photometry import flux, joined, measure, noise, reference_fluxes
from starloop.sky.survey.schedule import Span, draw_weather, observe, observe_plane

SPAN = Span(Night.parse("2019-09-01"), Night.parse("2021-08-31"))
CHANGE = Night.parse("2020-12-01").begin


@pytest.fixture(scope="module")
def weather():
    return draw_weather(np.random.default_rng(1), SPAN)


@pytest.fixture(scope="module")
def exposures(weather):
    return observe(np.random.default_rng(2), SPAN, weather)


def constant_stars(n, mag=18.0, in_reference=True):
    rng = np.random.default_rng(4)
    ra, dec = rng.uniform(120, 240, n), rng.uniform(15, 75, n)
    return Objects(
        catalogue=None,
        types=[""] * n,
        ra=ra,
        dec=dec,
        period=unknown(n),
        redshift=unknown(n),
        in_reference=in_reference,
        mag=lambda which, mjd, fid: np.full(len(which), mag),
    )


def revisits(exposures, begin, end):
    """Give the nights between visits of each ordinary field, within one season."""
    seen = exposures.take((exposures.mjd >= begin) & (exposures.mjd < end))
    slow = np.bincount(seen.field) < 2 * np.median(np.bincount(seen.field)[np.unique(seen.field)])
    seen = seen.take(slow[seen.field])
    nights = np.diff(np.floor(seen.mjd))
    return nights[(np.diff(seen.field) == 0) & (nights > 0) & (nights < 60)]


def test_a_field_is_visited_every_third_night_and_from_december_2020_every_second(exposures):
    before, after = revisits(exposures, SPAN.first.begin, CHANGE), revisits(exposures, CHANGE, SPAN.last.end)
    assert np.median(before) == 3
    assert np.median(after) == 2
    assert np.mean(before < 2) < 0.15


def test_some_fields_have_a_nightly_programme_with_i_images_before_the_change(exposures):
    early = exposures.take(exposures.mjd < CHANGE)
    programmes = np.unique(early.field[early.fid == INFRARED])
    assert 0.05 < len(programmes) / len(np.unique(early.field)) < 0.2
    inside = np.isin(early.field, programmes)
    assert 0.03 < np.mean(early.fid[inside] == INFRARED) < 0.05
    assert np.mean(early.fid == INFRARED) < 0.02
    nights = np.diff(np.floor(early.mjd[inside]))
    assert np.median(nights[nights > 0]) == 1


def test_a_visit_has_a_green_and_a_red_image(exposures):
    visit = exposures.field * 1e6 + np.floor(exposures.mjd)
    green, red = (np.unique(visit[exposures.fid == fid]) for fid in (GREEN, RED))
    both = len(np.intersect1d(green, red)) / len(np.unique(visit))
    assert 0.65 < both < 0.85


def test_exposures_are_in_order_of_field_and_time_and_never_twice_at_once(exposures):
    order = np.lexsort((exposures.mjd, exposures.field))
    assert (order == np.arange(len(exposures))).all()
    assert (np.diff(exposures.mjd)[np.diff(exposures.field) == 0] * 86400 > 40).all()


def test_no_exposure_is_by_day_or_low_or_in_the_plane_or_outside_the_span(exposures):
    assert sine_of_altitude(exposures.mjd, *sun(exposures.mjd)).max() < np.sin(np.radians(-11.5))
    ra, dec = (angle[exposures.field] for angle in field_centres())
    assert sine_of_altitude(exposures.mjd, ra, dec).min() > np.sin(np.radians(29.9))
    assert np.abs(galactic_latitude(ra, dec)).min() >= PLANE_DEG
    assert SPAN.first.begin <= exposures.mjd.min()
    assert exposures.mjd.max() < SPAN.last.end


def test_airmass_is_that_of_the_field_and_blurs(exposures):
    ra, dec = (angle[exposures.field] for angle in field_centres())
    assert exposures.airmass.min() >= 1
    np.testing.assert_allclose(1 / exposures.airmass, sine_of_altitude(exposures.mjd, ra, dec), rtol=1e-9)
    low = exposures.airmass > 1.5
    assert np.median(exposures.seeing[low]) > 1.2 * np.median(exposures.seeing[~low])
    assert np.median(exposures.limit[low]) < np.median(exposures.limit[~low]) - 0.2


def test_limits_resemble_the_surveys(exposures):
    for fid, typical in ((GREEN, 20.4), (RED, 20.25)):
        limit = exposures.limit[exposures.fid == fid]
        low, middle, high = np.percentile(limit, [5, 50, 95])
        assert abs(middle - typical) < 0.12
        assert 0.4 < high - middle < 0.75
        assert 0.8 < middle - low < 1.3


def test_a_full_moon_takes_depth_and_green_images(exposures):
    lit = moonlight(exposures.mjd)
    dark, full = lit < 0.1, lit > 0.95
    lost = {
        fid: np.median(exposures.limit[dark & (exposures.fid == fid)])
        - np.median(exposures.limit[full & (exposures.fid == fid)])
        for fid in (GREEN, RED)
    }
    assert 0.8 < lost[GREEN] < 1.2
    assert 0.4 < lost[RED] < lost[GREEN]
    share = [np.mean(exposures.fid[night] == GREEN) for night in (dark, full)]
    assert share[1] < share[0] - 0.05


def test_a_full_moon_stands_opposite_the_sun_and_rises_at_night():
    full = np.array([58843.218 + 29.530589 / 2])
    assert moonlight(full)[0] == pytest.approx(1)
    assert abs((moon(full)[0] - sun(full)[0])[0] % 360 - 180) < 1e-6


def test_seasons_leave_a_field_unseen_for_weeks_and_clouds_leave_nights_without_images(exposures, weather):
    _, dec = field_centres()
    southern = np.unique(exposures.field[np.abs(dec[exposures.field]) < 20])
    gaps = [np.diff(exposures.mjd[exposures.field == field]).max() for field in southern[::10]]
    assert min(gaps) > 80
    nights = np.unique(np.floor(exposures.mjd))
    assert len(nights) == np.count_nonzero(weather.clear)
    summer = [night.date.month in (6, 7, 8) for night in SPAN.first.until(SPAN.last)]
    assert weather.clear[summer].mean() > weather.clear[~np.array(summer)].mean() + 0.08


@pytest.mark.parametrize("seed", range(8))
def test_the_last_night_is_clear_and_deep(seed):
    drawn = draw_weather(np.random.default_rng(seed), SPAN)
    assert drawn.clear[-1]
    assert drawn.depth[-1] == 0.2


def test_the_plane_survey_takes_three_pairs_a_night_near_the_plane_only():
    span = Span(Night.parse("2020-06-01"), Night.parse("2020-06-30"))
    taken = observe_plane(np.random.default_rng(1), span, draw_weather(np.random.default_rng(2), span))
    assert np.abs(galactic_latitude(*field_centres()))[taken.field].max() < PLANE_DEG + 2
    _, visits = np.unique(taken.field * 1e6 + np.floor(taken.mjd), return_counts=True)
    assert 4 <= np.median(visits) <= 7


def test_merged_exposures_keep_order_and_rows(exposures):
    odd, even = exposures.take(np.arange(len(exposures)) % 2 == 1), exposures.take(np.arange(len(exposures)) % 2 == 0)
    together = merged([odd, even])
    np.testing.assert_array_equal(together.mjd, exposures.mjd)
    np.testing.assert_array_equal(together.limit, exposures.limit)


def test_the_same_seed_gives_the_same_exposures(exposures, weather):
    again = observe(np.random.default_rng(2), SPAN, weather)
    other = observe(np.random.default_rng(3), SPAN, weather)
    assert again.mjd.tobytes() == exposures.mjd.tobytes()
    assert again.limit.tobytes() == exposures.limit.tobytes()
    assert other.mjd.tobytes() != exposures.mjd.tobytes()


def test_light_reaches_earth_early_or_late_by_its_orbit():
    mjd = np.linspace(58849, 59214, 50)
    ecliptic_pole, on_ecliptic = (np.full(50, 270.0), np.full(50, 66.561)), (np.zeros(50), np.zeros(50))
    assert np.abs(to_sun_days(mjd, *ecliptic_pole)).max() < 1e-6
    assert np.abs(to_sun_days(mjd, *on_ecliptic)).max() * 1440 == pytest.approx(8.317, abs=0.03)


def test_references_are_the_median_flux_of_the_object_and_its_neighbour():
    stars = constant_stars(2000)
    references = reference_fluxes(np.random.default_rng(5), stars)
    assert references.shape == (2000, 4)
    lonely = references[:, 0] == 0
    np.testing.assert_allclose(references[lonely, 1:], flux(np.array(18.0)))
    np.testing.assert_allclose(references[:, 1:] - references[:, :1], flux(np.array(18.0)))
    assert NEIGHBOUR_SHARE / 2 < np.mean(~lonely) < NEIGHBOUR_SHARE * 1.5


def test_a_transients_reference_shows_at_most_its_neighbour():
    references = reference_fluxes(np.random.default_rng(5), constant_stars(2000, in_reference=False))
    np.testing.assert_array_equal(references[:, 1:], np.repeat(references[:, :1], 3, axis=1))
    assert 0 < np.mean(references[:, 0] > 0) < NEIGHBOUR_SHARE * 1.5


def test_constant_stars_scatter_by_their_errors_and_hardly_alert(exposures):
    stars = constant_stars(60)
    references = reference_fluxes(np.random.default_rng(5), stars)
    measured = measure(np.random.default_rng(6), stars, references, exposures)
    assert np.std(measured.difference / measured.sigma) == pytest.approx(1, abs=0.02)
    assert not measured.alert.any()
    assert (exposures.field[measured.exposure] == field_of(stars.ra, stars.dec)[measured.which]).all()
    for column in ("mjd", "fid", "limit", "airmass", "seeing", "field"):
        np.testing.assert_array_equal(getattr(measured, column), getattr(exposures, column)[measured.exposure])


def test_an_alert_is_five_sigma_of_either_sign_and_not_saturated(exposures):
    stars = constant_stars(40)
    references = reference_fluxes(np.random.default_rng(5), stars)
    references[:, 1:] *= np.where(np.arange(40) % 2, 1.4, 0.7)[:, None]
    measured = measure(np.random.default_rng(6), stars, references, exposures)
    significant = np.abs(measured.difference) >= 5 * measured.sigma
    np.testing.assert_array_equal(measured.alert, significant)
    assert set(np.sign(measured.difference[measured.alert])) == {-1, 1}
    bright = constant_stars(40, mag=12.0)
    assert not measure(np.random.default_rng(6), bright, references, exposures).alert.any()


def test_errors_rise_with_brightness_seeing_shallowness_and_airmass(exposures):
    one = np.ones(1)
    usual = noise(20.5 * one, 2 * one, one, one, 0 * one)
    assert noise(20.0 * one, 2 * one, one, one, 0 * one) > usual
    assert noise(20.5 * one, 3 * one, one, one, 0 * one) > usual
    faint = constant_stars(80, mag=19.5)
    measured = measure(np.random.default_rng(6), faint, reference_fluxes(np.random.default_rng(5), faint), exposures)
    for cause in (measured.airmass, measured.seeing, -measured.limit):
        low, high = np.percentile(cause, [20, 80])
        assert np.median(measured.sigma[cause > high]) > 1.1 * np.median(measured.sigma[cause < low])
    relative = [np.median(noise(20.5 * one, 2 * one, flux(m), 0 * one, flux(m)) / flux(m)) for m in (16, 18, 20)]
    assert relative[0] < relative[1] < relative[2]


def test_joined_measurements_keep_every_row(exposures):
    stars = constant_stars(5)
    measured = measure(np.random.default_rng(6), stars, np.ones((5, 4)), exposures)
    halves = joined([measured.take(measured.which < 2), measured.take(measured.which >= 2)])
    np.testing.assert_array_equal(halves.difference, measured.difference)
    numbers = np.array([4, 3, 2, 1, 0])
    np.testing.assert_array_equal(measured.renumbered(numbers).which, 4 - measured.which)
