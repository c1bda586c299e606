"""The structure function tells how far a source wanders, and leaves out its errors."""

import numpy as np
import pytest

from starloop.features import structure as measured
from starloop.features.screening import Points
from tests.unit.one_band import band


def told(points: Points) -> dict[str, float]:
    return dict(zip(measured.NAMES, measured.structure(band(points))[0], strict=True))


def wandering(seed: int, *, points: int = 400, step: float = 0.02, err: float = 0.03) -> Points:
    """A walk without a memory: its structure function rises with the root of the lag."""
    noise = np.random.default_rng(seed)
    time = 58_849.0 + np.sort(noise.uniform(0, 1_000, points))
    walk = np.cumsum(noise.normal(0, step * np.sqrt(np.diff(time, prepend=time[:1]))))
    return Points(time, 18.0 + walk + noise.normal(0, err, points), np.full(points, err))


def test_a_walk_without_a_memory_has_a_slope_of_one_half_and_the_amplitude_of_a_year() -> None:
    laws = np.array([measured.structure(band(wandering(seed)))[0, :2] for seed in range(20)])
    assert np.median(laws[:, 1]) == pytest.approx(0.5, abs=0.1)
    assert 10 ** np.median(laws[:, 0]) == pytest.approx(0.02 * np.sqrt(365.25), rel=0.3)


def test_a_source_that_only_has_errors_does_not_wander() -> None:
    noise = np.random.default_rng(1)
    time = np.sort(noise.uniform(0, 1_000, 400))
    of = told(Points(time, noise.normal(18, 0.05, 400), np.full(400, 0.05)))
    assert [of[f"structure_{days}_days"] for days in (10, 30, 100, 300)] == pytest.approx([0.0] * 4, abs=0.03)


def test_all_pairs_of_five_points_count() -> None:
    time = np.array([0.0, 10.0, 20.0, 30.0, 40.0])
    mag = np.array([18.0, 18.1, 18.4, 18.2, 19.0])
    of = told(Points(time, mag, np.full(5, 0.01)))
    differences = [abs(mag[j] - mag[i]) for i in range(5) for j in range(i) if 17.8 <= time[i] - time[j] < 56.2]
    expected = np.sqrt(np.pi / 2 * np.mean(differences) ** 2 - 2 * 0.01**2)
    assert of["structure_30_days"] == pytest.approx(expected)
    assert np.isnan(of["structure_slope"])


@pytest.mark.parametrize("points", [0, 1, 2])
def test_two_points_have_no_structure_function(points: int) -> None:
    assert np.isnan(list(told(wandering(1, points=points)).values())).all()


def test_it_is_the_same_bits_alone_and_beside_others() -> None:
    curves = [wandering(seed, points=points) for seed, points in enumerate((700, 3, 0, 60, 301, 1))]
    together = measured.structure(band(*curves))
    alone = np.concatenate([measured.structure(band(points)) for points in curves])
    assert alone.tobytes() == together.tobytes()
