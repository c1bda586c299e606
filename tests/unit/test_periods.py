"""A period is found where there is one."""

import numpy as np
import pytest

from starloop.features import periods as searched
from starloop.features.lomb_scargle import power
from starloop.features.screening import Points

NOTHING = Points(np.empty(0), np.empty(0), np.empty(0))


def observed(
    period: float, *, points: int, span: float, seed: int, harmonic: float = 0.0, mean: float = 16.0
) -> Points:
    noise = np.random.default_rng(seed)
    time = 58_849.0 + np.sort(noise.uniform(0.0, span, points))
    phase = 2 * np.pi * time / period
    mag = mean + 0.4 * np.cos(phase) + 0.4 * harmonic * np.cos(2 * phase + 1.0)
    return Points(time, mag + noise.normal(0, 0.02, points), np.full(points, 0.02))


def found(g: Points, r: Points) -> dict[str, float]:
    return dict(zip(searched.NAMES, searched.periods([g], [r], n_jobs=1)[0], strict=True))


@pytest.mark.parametrize("period", [0.0731, 0.31, 0.5712, 2.34, 9.87, 41.3])
@pytest.mark.parametrize("span", [180.0, 1500.0])
def test_the_period_of_a_sine_seen_in_two_bands_is_recovered_to_a_thousandth(period: float, span: float) -> None:
    g = observed(period, points=50, span=span, seed=1, mean=16.8)
    r = observed(period, points=60, span=span, seed=2)
    told = found(g, r)
    assert 10 ** told["period_log10"] == pytest.approx(period, rel=1e-3)
    assert told["period_power"] > 0.98
    assert told["period_log10_false_alarm"] < -10
    assert told["period_amplitude"] == pytest.approx(0.4, rel=0.05)
    assert told["period_scatter"] < 0.02


def test_the_harmonic_of_a_pulsator_is_measured() -> None:
    g = observed(0.57, points=90, span=180.0, seed=3, harmonic=0.4)
    told = found(g, NOTHING)
    assert told["period_harmonic_ratio"] == pytest.approx(0.4, rel=0.05)
    assert told["period_harmonic_phase"] == pytest.approx(1.0, abs=0.1)


def test_noise_has_no_significant_period() -> None:
    noise = np.random.default_rng(5)
    g = Points(np.sort(noise.uniform(0, 180, 80)), noise.normal(16, 0.1, 80), np.full(80, 0.1))
    assert found(g, NOTHING)["period_log10_false_alarm"] > -2


@pytest.mark.parametrize(
    "g",
    [
        NOTHING,
        observed(0.5, points=7, span=100.0, seed=1),
        observed(0.01, points=50, span=0.5, seed=1),
        Points(np.arange(50.0), np.full(50, 16.0), np.full(50, 0.1)),
    ],
    ids=["no points", "seven points", "half a day", "constant"],
)
def test_a_light_curve_that_cannot_be_searched_has_no_period(g: Points) -> None:
    assert np.isnan(list(found(g, NOTHING).values())).all()


def test_the_exact_periodogram_is_the_gain_of_a_least_squares_sine() -> None:
    points = observed(3.3, points=40, span=60.0, seed=7)
    points = Points(points.time, points.mag, np.random.default_rng(8).uniform(0.01, 0.2, 40))
    frequencies = np.array([0.11, 0.303, 1.7])
    weight = points.err**-1.0

    def chi2(columns: list[np.ndarray]) -> float:
        design = np.stack(columns, axis=1) * weight[:, None]
        solution = np.linalg.lstsq(design, points.mag * weight, rcond=None)[0]
        return float(((points.mag * weight - design @ solution) ** 2).sum())

    flat = np.ones(40)
    angles = [2 * np.pi * frequency * points.time for frequency in frequencies]
    expected = [1 - chi2([flat, np.cos(angle), np.sin(angle)]) / chi2([flat]) for angle in angles]
    assert power([points], frequencies, np.zeros(1))[:, 0] == pytest.approx(expected, abs=1e-9)
