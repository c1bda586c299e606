"""Bazin's function is found again in light curves made of it."""

import numpy as np
import pytest

from starloop.features import bazin as fitted
from starloop.features.screening import Points
from tests.unit.explosions import NOTHING, bazin, points
from tests.unit.one_band import band


def told(curve: Points) -> dict[str, float]:
    return dict(zip(fitted.NAMES, fitted.bazin(band(curve), n_jobs=1)[0].tolist(), strict=True))


@pytest.mark.parametrize(("rise", "fall"), [(3.0, 25.0), (6.0, 60.0), (2.0, 12.0)])
def test_the_parameters_of_a_curve_are_recovered(rise: float, fall: float) -> None:
    time = np.arange(-6 * rise, 2.5 * fall, 2.0)
    flux = bazin(time, rise, fall)
    seen = told(points(time, flux, error=0.01))
    assert seen["bazin_rise_time"] == pytest.approx(rise, rel=0.15)
    assert seen["bazin_fall_time"] == pytest.approx(fall, rel=0.15)
    assert seen["bazin_reference_time"] == pytest.approx(-time[flux.argmax()], abs=2.0)
    assert seen["bazin_baseline"] == pytest.approx(0.0, abs=0.05)
    assert np.exp(seen["bazin_chi2"]) < 1.5


def test_what_is_not_an_explosion_fits_badly() -> None:
    time = np.arange(0.0, 100.0, 2.0)
    wave = points(time, 1.0 + 0.5 * np.sin(time / 4.0))
    assert told(wave)["bazin_chi2"] > told(points(time, bazin(time - 20.0, 4.0, 25.0)))["bazin_chi2"] + 1.0


def test_too_few_points_are_missing_and_cost_their_neighbours_nothing() -> None:
    time = np.arange(-10.0, 50.0, 2.0)
    whole = points(time, bazin(time, 4.0, 25.0))
    few = Points(whole.time[:5], whole.mag[:5], whole.err[:5])
    together = fitted.bazin(band(few, whole, NOTHING), n_jobs=2)
    assert np.isnan(together[[0, 2]]).all()
    assert together[1].tobytes() == fitted.bazin(band(whole), n_jobs=1)[0].tobytes()
    assert np.isfinite(together[1]).all()


def test_wild_magnitudes_give_numbers_or_nothing() -> None:
    noise = np.random.default_rng(5)
    wild = [
        Points(np.sort(noise.uniform(0, 10**days, 30)), noise.uniform(-99, 99, 30), 10 ** noise.uniform(-6, 1.9, 30))
        for days in (0.0, 2.0, 6.0)
    ]
    assert not np.isinf(fitted.bazin(band(*wild), n_jobs=1)).any()
