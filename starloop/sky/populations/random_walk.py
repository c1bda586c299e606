"""Damped random walks: noise that forgets, the light of everything that accretes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from starloop.sky.populations.objects import Ints, Reals, Setting

_BEFORE_REFERENCE_MJD = 58150.0  # The reference images are taken from MJD 58200 on.


@dataclass(frozen=True)
class Walks:
    """One walk an object, known at the nodes of an even grid.

    Parameters
    ----------
    start, step : float
        First node (MJD) and distance between nodes, days.
    offset : array of shape (n, nodes)
        Distance from the mean, mag.
    """

    start: float
    step: float
    offset: NDArray[np.float32]

    def at(self, which: Ints, mjd: Reals) -> Reals:
        """Interpolate walk number `which` at `mjd`; outside the grid the walk stands still."""
        last = self.offset.shape[1] - 1
        place = np.clip((mjd - self.start) / self.step, 0, last)
        node = np.minimum(place.astype(np.int64), last - 1)
        here, flat = which * (last + 1) + node, self.offset.ravel()
        before = flat[here].astype(np.float64)
        return np.asarray(before + (flat[here + 1] - before) * (place - node))


def covered(setting: Setting) -> tuple[float, float]:
    """Give the first and the last MJD a light curve is asked for: the survey, and before it the reference images."""
    return min(setting.first_mjd, _BEFORE_REFERENCE_MJD) - 1, setting.last_mjd + 1


def damped(rng: np.random.Generator, deviation: Reals, memory: Reals, setting: Setting, step: float) -> Walks:
    """Draw damped random walks (Ornstein-Uhlenbeck processes) over the survey and its reference images.

    From node to node the step is exact: what is kept is ``exp(-step / memory)`` (Kelly et al. 2009,
    doi:10.1088/0004-637X/698/1/895). The structure function saturates at ``sqrt(2) * deviation``.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    deviation : array of shape (n,)
        Standard deviation of the walk over a time much longer than its memory, mag.
    memory : array of shape (n,)
        Time in which the walk forgets, days of the observer.
    setting : Setting
        The survey's span.
    step : float
        Distance between nodes, days: well below the shortest memory.
    """
    first, last = covered(setting)
    walk = rng.standard_normal((int(np.ceil((last - first) / step)) + 2, len(deviation)), dtype=np.float32)
    kept = np.exp(-step / memory).astype(np.float32)
    kick = (deviation * np.sqrt(-np.expm1(-2 * step / memory))).astype(np.float32)
    walk[0] *= deviation.astype(np.float32)
    walk[1:] *= kick
    for node in range(1, len(walk)):
        walk[node] += kept * walk[node - 1]
    return Walks(first, step, np.ascontiguousarray(walk.T))
