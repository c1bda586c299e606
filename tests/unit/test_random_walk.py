"""A damped random walk is recognised by its memory and its deviation."""

import numpy as np
import pytest

from starloop.features import random_walk as fitted
from starloop.features.screening import Points
from tests.unit.one_band import band

ERR = 0.02


def walk(seed: int, memory: float = 50.0, deviation: float = 0.2, *, points: int = 120, span: float = 1_500) -> Points:
    noise = np.random.default_rng(seed)
    time = 58_849.0 + np.sort(noise.uniform(0, span, points))
    kept = np.exp(-np.diff(time, prepend=-np.inf) / memory)
    kicks = deviation * np.sqrt(1 - kept**2) * noise.normal(size=points)
    offset = np.zeros(points)
    for step in range(points):
        offset[step] = kicks[step] + (kept[step] * offset[step - 1] if step else 0.0)
    return Points(time, 18.0 + offset + noise.normal(0, ERR, points), np.full(points, ERR))


@pytest.mark.parametrize(("memory", "deviation"), [(5.0, 0.1), (20.0, 0.3), (80.0, 0.15), (150.0, 0.4)])
def test_most_walks_are_told_within_a_factor_of_two_and_a_half_and_their_deviation_within_one_and_a_half(
    memory: float, deviation: float
) -> None:
    values = fitted.random_walk(band(*(walk(seed, memory, deviation) for seed in range(60))))
    off = 10 ** np.abs(values[:, :2] - np.log10([memory, deviation]))
    assert np.mean(off[:, 0] < 2.5) > 0.8
    assert np.mean(off[:, 1] < 1.5) > 0.8
    assert 10 ** np.median(values[:, 0]) == pytest.approx(memory, rel=0.5)
    assert 10 ** np.median(values[:, 1]) == pytest.approx(deviation, rel=0.25)


def test_white_noise_gains_nothing_by_a_memory_and_a_walk_does() -> None:
    noise = np.random.default_rng(1)
    time = np.sort(noise.uniform(0, 1_500, 120))
    flicker = [Points(time, noise.normal(18, 0.2, 120), np.full(120, ERR)) for _ in range(30)]
    gain = fitted.random_walk(band(*flicker, *(walk(seed) for seed in range(30))))[:, 2]
    assert gain[:30].max() < 0.05
    assert gain[30:].min() > 0.2


def test_the_likelihood_is_that_of_a_gaussian_process_with_the_best_mean() -> None:
    points = walk(1, points=30)
    memory, deviation = np.array([[1.5, 2.1]]), np.array([[-1.0, -0.4]])
    told = fitted._log_likelihood([points], memory, deviation)[0]

    def expected(tau: float, sigma: float) -> float:
        covariance = sigma**2 * np.exp(-np.abs(points.time[:, None] - points.time) / tau) + np.diag(points.err**2)
        inverse = np.linalg.inv(covariance)
        mean = (inverse @ points.mag).sum() / inverse.sum()
        left = points.mag - mean
        return -0.5 * (left @ inverse @ left + np.linalg.slogdet(covariance)[1])

    wanted = [[expected(10**tau, 10**sigma) for sigma in deviation[0]] for tau in memory[0]]
    assert told == pytest.approx(np.array(wanted), rel=1e-9)


def test_a_very_long_light_curve_is_thinned_to_its_whole_span() -> None:
    points = walk(3, 60.0, 0.2, points=50_000)
    memory, deviation, _ = fitted.random_walk(band(points))[0]
    assert 10**memory == pytest.approx(60.0, rel=0.6)
    assert 10**deviation == pytest.approx(0.2, rel=0.3)


@pytest.mark.parametrize(
    "points",
    [walk(1, points=0), walk(1, points=7), Points(np.arange(20.0), np.full(20, 18.0), np.full(20, ERR))],
    ids=["no points", "seven points", "constant"],
)
def test_what_cannot_be_fitted_is_missing(points: Points) -> None:
    assert np.isnan(fitted.random_walk(band(points))).all()


def test_values_are_the_same_bits_alone_beside_others_and_in_another_order() -> None:
    lengths = (120, 9, 0, 600, 33, 120, 8, 1, 257, 64)
    curves = [walk(seed, points=points) for seed, points in enumerate(lengths)] * 20
    together = fitted.random_walk(band(*curves))
    alone = np.concatenate([fitted.random_walk(band(points)) for points in curves])
    assert alone.tobytes() == together.tobytes()
    assert fitted.random_walk(band(*curves[::-1]))[::-1].tobytes() == together.tobytes()
