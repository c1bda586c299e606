"""A period is found where there is one."""

from collections.abc import Callable

import numpy as np
import pytest

from starloop.features import periods as searched
from starloop.features.lomb_scargle import power
from starloop.features.screening import Points
from starloop.features.series import fit, join

NOTHING = Points(np.empty(0), np.empty(0), np.empty(0))


def observed(
    period: float,
    *,
    points: int,
    span: float,
    seed: int,
    harmonic: float = 0.0,
    mean: float = 16.0,
    amplitude: float = 0.4,
    shape: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Points:
    noise = np.random.default_rng(seed)
    time = 58_849.0 + np.sort(noise.uniform(0.0, span, points))
    phase = 2 * np.pi * time / period
    mag = mean + amplitude * (np.cos(phase) + harmonic * np.cos(2 * phase + 1.0) if shape is None else shape(phase))
    return Points(time, mag + noise.normal(0, 0.02, points), np.full(points, 0.02))


def eclipses(phase: np.ndarray) -> np.ndarray:
    """Dim twice a cycle, once deeply and once half as much."""
    turn = phase / (2 * np.pi) % 1.0
    return sum(
        depth * np.exp(-0.5 * (((turn - at + 0.5) % 1.0 - 0.5) / 0.05) ** 2) for at, depth in ((0, 1), (0.5, 0.5))
    )


def nightly(points: Points, hours: float = 3.0) -> Points:
    """Keep the points in the first hours of each day, as one site sees them."""
    kept = points.time % 1.0 < hours / 24.0
    return Points(points.time[kept], points.mag[kept], points.err[kept])


def found(g: Points, r: Points) -> dict[str, float]:
    return dict(zip(searched.NAMES, searched.periods([g], [r], n_jobs=1)[0], strict=True))


@pytest.mark.parametrize("period", [0.0312, 0.0731, 0.31, 0.5712, 2.34, 9.87, 41.3])
@pytest.mark.parametrize("span", [180.0, 1500.0])
def test_the_period_of_a_sine_seen_in_two_bands_is_recovered_to_a_fiftieth_of_the_resolution(
    period: float, span: float
) -> None:
    g = observed(period, points=50, span=span, seed=1, mean=16.8)
    r = observed(period, points=60, span=span, seed=2)
    told = found(g, r)
    assert 10 ** -told["period_log10"] == pytest.approx(1.0 / period, abs=0.02 / span)
    assert told["period_power"] > 0.98
    assert told["period_log10_false_alarm"] < -10
    assert told["period_next_power_ratio"] < 0.5
    assert told["period_amplitude"] == pytest.approx(0.4, rel=0.05)
    assert told["period_amplitude_ratio_g_r"] == pytest.approx(1.0, rel=0.05)
    assert told["period_scatter"] < 0.02
    assert told["period_fold_eta"] < 0.1


def test_the_harmonic_of_a_pulsator_is_measured_and_its_phase_does_not_depend_on_when_counting_begins() -> None:
    g = observed(0.57, points=90, span=180.0, seed=3, harmonic=0.4)
    told = found(g, NOTHING)
    assert told["period_r21"] == pytest.approx(0.4, rel=0.05)
    assert told["period_r31"] == pytest.approx(0.0, abs=0.03)
    assert told["period_phi21"] == pytest.approx(1.0, abs=0.1)
    assert np.isnan(told["period_amplitude_ratio_g_r"])
    later = found(Points(g.time + 7.77, g.mag, g.err), NOTHING)
    assert later["period_phi21"] == pytest.approx(told["period_phi21"], abs=1e-3)


def test_the_amplitudes_of_a_pulsator_in_the_two_bands_are_compared() -> None:
    g = observed(0.57, points=60, span=180.0, seed=3, harmonic=0.3, amplitude=0.6, mean=16.5)
    r = observed(0.57, points=60, span=180.0, seed=4, harmonic=0.3)
    assert found(g, r)["period_amplitude_ratio_g_r"] == pytest.approx(1.5, rel=0.05)


def test_eclipses_of_two_depths_are_found_at_the_period_or_half_of_it_and_show_in_the_ratios() -> None:
    g = observed(2.7182, points=150, span=900.0, seed=5, amplitude=0.6, shape=eclipses)
    r = observed(2.7182, points=150, span=900.0, seed=6, amplitude=0.6, shape=eclipses, mean=15.5)
    told = found(g, r)
    halves = 2.7182 / 10 ** told["period_log10"]
    assert halves in (pytest.approx(1.0, rel=1e-3), pytest.approx(2.0, rel=1e-3))
    # The half of the period has its own power, or twice the period has: a sine has neither.
    ratio = "period_half_power_ratio" if halves < 1.5 else "period_double_power_ratio"
    assert told[ratio] > 0.1
    if halves > 1.5:
        assert told["period_double_fold_eta"] < 0.8 * told["period_fold_eta"]
    sine = found(*(observed(2.7182, points=150, span=900.0, seed=seed) for seed in (5, 6)))
    assert max(sine["period_half_power_ratio"], sine["period_double_power_ratio"]) < 0.05


@pytest.mark.parametrize("period", [0.3617, 0.5712, 0.83])
def test_of_the_aliases_of_a_day_the_period_itself_is_taken(period: float) -> None:
    g, r = (nightly(observed(period, points=700, span=400.0, seed=seed, harmonic=0.3)) for seed in (1, 2))
    told = found(g, r)
    assert len(g) < 120
    assert 10 ** told["period_log10"] == pytest.approx(period, rel=1e-3)
    assert told["period_next_power_ratio"] > 0.4


def test_bands_far_apart_in_magnitude_are_searched_as_one() -> None:
    g = observed(0.44, points=14, span=300.0, seed=1, mean=19.0)
    r = observed(0.44, points=14, span=300.0, seed=2, mean=14.0)
    assert 10 ** found(g, r)["period_log10"] == pytest.approx(0.44, rel=1e-3)


def test_eight_points_are_searched_and_too_few_for_a_series() -> None:
    told = found(observed(0.5, points=8, span=100.0, seed=1), NOTHING)
    assert told["period_log10_false_alarm"] > -3
    assert np.isnan([told[name] for name in ("period_amplitude", "period_r21", "period_scatter")]).all()
    assert np.isfinite([told[name] for name in ("period_log10", "period_fold_eta", "period_fold_cusum")]).all()


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


def test_the_share_that_a_series_explains_is_that_of_least_squares() -> None:
    points = observed(3.3, points=40, span=60.0, seed=7, harmonic=0.5)
    series = join([points])
    angle = 2 * np.pi * series.time / 3.2
    design = np.stack([wave(order * angle) for order in (1, 2) for wave in (np.cos, np.sin)] + [np.ones(40)], axis=1)
    solution = np.linalg.lstsq(design, series.mag, rcond=None)[0]
    explained, coefficients = fit(series, np.array([1 / 3.2]), 2)
    assert coefficients[0] == pytest.approx(solution[:4], abs=1e-6)
    assert explained[0] == pytest.approx(1 - np.var(series.mag - design @ solution) / np.var(series.mag), abs=1e-6)


def test_values_are_the_same_bits_alone_beside_others_and_on_two_threads() -> None:
    spans = (2.0, 40.0, 180.0, 900.0, 3_000.0)
    g = [observed(0.7, points=20 + 9 * n, span=span, seed=n) for n, span in enumerate(spans * 3)]
    r = [observed(0.7, points=5 * (n % 4), span=spans[n % 5], seed=100 + n) for n in range(len(g))]
    r = [points if len(points) else NOTHING for points in r]
    together = searched.periods(g, r, n_jobs=2)
    alone = np.concatenate([searched.periods([one], [two], n_jobs=1) for one, two in zip(g, r, strict=True)])
    assert alone.tobytes() == together.tobytes()
    assert searched.periods(g[::-1], r[::-1], n_jobs=1)[::-1].tobytes() == together.tobytes()
