"""The damped random walk that describes a light curve in one band best: how far it goes, and how soon it forgets."""

import numpy as np

from starloop.features.screening import Band, Points, Reals

FEWEST_POINTS = 8
# Longer light curves are thinned evenly: the work is bounded, and the walk is told by its long lags.
MOST_POINTS = 512
# A floor under the errors: what a survey's errors leave out would be read as a walk that forgets at once.
ERROR_FLOOR = 0.01
# Grids of log10 days and of log10 of the walk's deviation over that of the magnitudes: coarse, then finer around
# the best.
MEMORIES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
DEVIATIONS = (-1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5)
FINER = (-0.5, -0.25, 0.0, 0.25, 0.5)
# So many light curves go in lock-step: their likelihoods fit a processor's cache.
_TOGETHER = 64

NAMES: tuple[str, ...] = ("walk_log10_memory", "walk_log10_deviation", "walk_log_likelihood_gain")


def random_walk(band: Band) -> Reals:
    """Fit a damped random walk (Ornstein-Uhlenbeck process) to every light curve of a band.

    Memory tau and deviation sigma, ``cov(m(s), m(t)) = sigma**2 exp(-|s - t| / tau)``, of the highest likelihood on a
    grid, the mean being fitted for each (Kelly et al. 2009, doi:10.1088/0004-637X/698/1/895, equations 6 to 12;
    MacLeod et al. 2010, doi:10.1088/0004-637X/721/2/1014). The gain is the log likelihood over that of the best
    white noise, divided by the number of points.

    Every operation is on single elements, so the values do not depend on what is fitted beside.

    Parameters
    ----------
    band : Band
        Screened light curves, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        log10 days (of the observer), log10 magnitudes, and a number. NaN with fewer than `FEWEST_POINTS` points or
        where the magnitudes do not vary.
    """
    values = np.full((len(band), len(NAMES)), np.nan)
    curves = [_prepared(points) for points in band]
    fitted = [row for row, points in enumerate(curves) if len(points) >= FEWEST_POINTS and np.ptp(points.mag) > 0.0]
    # Longest first: those that go in lock-step are of like lengths, and the longer ones stay in front.
    fitted.sort(key=lambda row: -len(curves[row]))
    for first in range(0, len(fitted), _TOGETHER):
        rows = fitted[first : first + _TOGETHER]
        values[rows] = _fit([curves[row] for row in rows])
    return values


def _prepared(points: Points) -> Points:
    n = len(points)
    kept = np.arange(MOST_POINTS) * n // MOST_POINTS if n > MOST_POINTS else np.arange(n)
    mag = points.mag[kept]
    return Points(points.time[kept], mag - mag.mean() if n else mag, np.hypot(points.err[kept], ERROR_FLOOR))


def _fit(curves: list[Points]) -> Reals:
    spread = np.log10([points.mag.std() for points in curves])[:, None]
    memory = np.broadcast_to(np.array(MEMORIES), (len(curves), len(MEMORIES)))
    deviation = spread + np.array(DEVIATIONS)
    white = _log_likelihood(curves, np.full((len(curves), 1), -np.inf), deviation).max(axis=(1, 2))
    _, memory, deviation = _best(curves, memory, deviation)
    step_memory, step_deviation = MEMORIES[1] - MEMORIES[0], DEVIATIONS[1] - DEVIATIONS[0]
    finer = np.array(FINER)
    best, memory, deviation = _best(
        curves, memory[:, None] + step_memory * finer, deviation[:, None] + step_deviation * finer
    )
    lengths = np.array([len(points) for points in curves])
    return np.stack([memory, deviation, (best - white) / lengths], axis=1)


def _best(curves: list[Points], memory: Reals, deviation: Reals) -> tuple[Reals, Reals, Reals]:
    likelihood = _log_likelihood(curves, memory, deviation)
    row = np.arange(len(curves))
    at_memory, at_deviation = np.unravel_index(likelihood.reshape(len(curves), -1).argmax(axis=1), likelihood.shape[1:])
    return likelihood[row, at_memory, at_deviation], memory[row, at_memory], deviation[row, at_deviation]


def _log_likelihood(curves: list[Points], memory: Reals, deviation: Reals) -> Reals:
    """Run the Kalman filter of all light curves and parameters in lock-step.

    Beside the magnitudes it filters ones: the likelihood of the best mean follows from both.

    Parameters
    ----------
    curves : list of Points
        Longest first.
    memory, deviation : numpy.ndarray, shape (curves, memories), (curves, deviations)
        log10.

    Returns
    -------
    numpy.ndarray, shape (curves, memories, deviations)
        Up to a constant of each light curve.
    """
    lengths = np.array([len(points) for points in curves])
    time, mag, noise = (np.zeros((lengths[0], len(curves), 1, 1)) for _ in range(3))
    for column, points in enumerate(curves):
        time[: len(points), column, 0, 0] = points.time
        mag[: len(points), column, 0, 0] = points.mag
        noise[: len(points), column, 0, 0] = points.err**2
    rate = 10.0 ** -memory[:, :, None]
    walk = 10.0 ** (2 * deviation[:, None, :])
    shape = (len(curves), memory.shape[1], deviation.shape[1])
    state, ones, squares, products, norms, logs = (np.zeros(shape) for _ in range(6))
    unsure = np.broadcast_to(walk, shape).copy()
    alive = len(curves)
    for step in range(lengths[0]):
        while lengths[alive - 1] <= step:
            alive -= 1
        of = slice(alive)
        if step:
            kept = np.exp(-(time[step, of] - time[step - 1, of]) * rate[of])
            state[of] *= kept
            ones[of] *= kept
            unsure[of] = kept**2 * unsure[of] + walk[of] * (1.0 - kept**2)
        total = unsure[of] + noise[step, of]
        gain = unsure[of] / total
        surprise, of_one = mag[step, of] - state[of], 1.0 - ones[of]
        state[of] += gain * surprise
        ones[of] += gain * of_one
        unsure[of] = gain * noise[step, of]
        squares[of] += surprise**2 / total
        products[of] += surprise * of_one / total
        norms[of] += of_one**2 / total
        logs[of] += np.log(total)
    return -0.5 * (squares - products**2 / norms + logs)
