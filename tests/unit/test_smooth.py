"""The smoothed outburst has the peak, the widths and the colours that went into it."""

import numpy as np
import pytest

from starloop.features import smooth as smoothing
from starloop.features.brightest import MOST_NIGHTS, outburst
from starloop.features.gaussian_process import smoothed
from starloop.features.screening import Points
from tests.unit.explosions import NOTHING, bazin, explosion, points


def told(g: Points, r: Points) -> dict[str, float]:
    return dict(zip(smoothing.NAMES, smoothing.smooth(g, r).tolist(), strict=True))


def test_an_explosion_is_measured() -> None:
    seen = told(*explosion())
    assert seen["smooth_peak_g"] == pytest.approx(17.0, abs=0.05)
    assert seen["smooth_peak_r"] == pytest.approx(17.2, abs=0.05)
    day = np.linspace(-20.0, 100.0, 12_001)
    flux = bazin(day, 4.0, 25.0)
    top = day[flux.argmax()]
    half = day[(flux >= 0.5)]
    assert seen["smooth_g_rise_50"] == pytest.approx(top - half[0], abs=2.0)
    assert seen["smooth_g_fall_50"] == pytest.approx(half[-1] - top, abs=2.0)
    assert seen["smooth_g_plus_30"] == pytest.approx(
        -2.5 * np.log10(bazin(np.array([top + 30.0]), 4.0, 25.0)[0]), abs=0.1
    )
    assert seen["smooth_r_fall_50"] > seen["smooth_g_fall_50"] + 5.0


def test_what_cools_reddens_and_what_heats_turns_blue() -> None:
    assert told(*explosion(reddening=1.6))["smooth_colour_change"] > 0.1
    assert told(*explosion(reddening=0.7))["smooth_colour_change"] < -0.1


def test_slow_light_curves_prefer_a_longer_time_scale() -> None:
    fast, slow = told(*explosion(rise=1.5, fall=8.0)), told(*explosion(rise=12.0, fall=90.0))
    assert slow["smooth_time_scale"] > fast["smooth_time_scale"]
    assert slow["smooth_long_likelihood"] > fast["smooth_long_likelihood"]


def test_a_shoulder_is_told_from_a_straight_decline() -> None:
    time = np.arange(-12.0, 60.0, 2.0)
    decline = bazin(time, 4.0, 15.0)
    shoulder = decline + 0.25 * np.exp(-0.5 * ((time - 30.0) / 6.0) ** 2)
    g = points(time, decline, seed=3)
    plain, bumpy = (told(g, points(time + 0.3, flux, seed=4)) for flux in (decline, shoulder))
    assert bumpy["smooth_shoulder"] > abs(plain["smooth_shoulder"]) + 0.1
    assert 10 <= bumpy["smooth_shoulder_phase"] <= 40


@pytest.mark.parametrize("number", range(5))
def test_too_few_points_are_missing(number: int) -> None:
    g, _ = explosion()
    few = Points(g.time[:number], g.mag[:number], g.err[:number])
    assert np.isnan(smoothing.smooth(few, NOTHING)).all()


def test_a_band_that_was_not_observed_is_missing_and_not_inferred_from_the_other() -> None:
    g, _ = explosion()
    seen = told(g, NOTHING)
    assert np.isfinite(seen["smooth_peak_g"])
    absent = [name for name in smoothing.NAMES if "_r_" in name or name.endswith("_r") or "colour" in name]
    assert np.isnan([seen[name] for name in absent]).all()
    assert np.isnan(seen["smooth_sum_fall_50"])


def test_what_was_not_watched_is_not_known() -> None:
    g, r = explosion()
    early = [Points(one.time[:12], one.mag[:12], one.err[:12]) for one in (g, r)]
    seen = told(*early)
    assert np.isfinite(seen["smooth_g_plus_5"])
    assert np.isnan([seen["smooth_g_plus_80"], seen["smooth_g_fall_25"], seen["smooth_r_mean_flux"]]).all()


def test_a_shift_in_time_or_a_change_of_the_order_of_bands_points_changes_no_shape() -> None:
    g, r = explosion()
    later = [Points(one.time + 512.0, one.mag, one.err) for one in (g, r)]
    assert np.allclose(smoothing.smooth(*later), smoothing.smooth(g, r), atol=1e-6, equal_nan=True)


def test_the_process_passes_through_precise_points_and_is_unsure_far_from_any() -> None:
    g, r = explosion()
    seen = outburst(g, r)
    mine = seen.band == 0
    flux, sigma, _ = smoothed(seen, seen.time[mine])
    assert np.abs(flux[0] - seen.flux[mine]).max() < 4 * seen.err.max()
    _, far, _ = smoothed(seen, np.array([seen.time.max() + 300.0]))
    assert far.min() > 10 * sigma.max()


def test_the_process_is_that_of_plain_linear_algebra() -> None:
    seen = outburst(*explosion(every=6.0))
    day = np.array([-3.0, 0.0, 20.0])
    flux, sigma, likelihood = smoothed(seen, day)
    scale = np.array([10.0, 20.0, 40.0, 80.0])[likelihood.argmax()]

    def kernel(time: np.ndarray, band: np.ndarray) -> np.ndarray:
        far = np.sqrt(3) * np.abs(time[:, None] - seen.time) / scale
        apart = np.sqrt(3) * (6366.38 - 4746.48) / 6000.0
        colours = np.where(band[:, None] == seen.band, 1.0, (1 + apart) * np.exp(-apart))
        return 0.7**2 * colours * (1 + far) * np.exp(-far)

    inverse = np.linalg.inv(kernel(seen.time, seen.band) + np.diag(seen.err**2))
    for band in range(2):
        cross = kernel(day, np.full(3, band))
        assert np.allclose(flux[band], cross @ inverse @ seen.flux)
        assert np.allclose(sigma[band] ** 2, 0.7**2 - np.diag(cross @ inverse @ cross.T))


def test_nights_are_joined_where_there_are_too_many() -> None:
    time = np.arange(-50.0, 140.0, 0.25)
    dense = points(time, bazin(time, 8.0, 40.0))
    seen = outburst(dense, dense)
    assert len(seen) <= MOST_NIGHTS
    assert np.average(seen.flux, weights=seen.err**-2) > 0.0
    assert set(seen.band.tolist()) == {0, 1}
