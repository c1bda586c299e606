"""The damped random walk that describes a light curve in one band best: how far it goes, and how soon it forgets."""

import numpy as np

from starloop.features.screening import Band, Points, Reals

FEWEST_POINTS = 8
# Longer light curves are thinned evenly: the work is bounded, and the walk is told by its long lags.
MOST_POINTS = 512
# A floor under the errors: what a survey's errors leave out would be read as a walk that forgets at once.
ERROR_FLOOR = 0.01
# Grids of log10 days and of log10 of the walk's deviation over that of the magnitudes; then finer around the best, in
# their steps.
MEMORIES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)
DEVIATIONS = (-1.25, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5)
FINER = (-0.5, -0.25, 0.0, 0.25, 0.5)
# The memory of white noise, log10 days: a hundredth of the least time between two points.
WHITE = -7.0
# So many light curves go in lock-step at most.
_TOGETHER = 128

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
    kept = points.thinned(MOST_POINTS)
    return Points(kept.time, kept.mag - kept.mag.sum() / max(len(kept), 1), np.hypot(kept.err, ERROR_FLOOR))


def _fit(curves: list[Points]) -> Reals:
    spread = np.log10([points.mag.std() for points in curves])[:, None]
    memory = np.broadcast_to(np.array([WHITE, *MEMORIES]), (len(curves), 1 + len(MEMORIES)))
    deviation = spread + np.array(DEVIATIONS)
    likelihood = _log_likelihood(curves, memory, deviation)
    white = likelihood[:, 0].max(axis=1)
    _, memory, deviation = _best(likelihood[:, 1:], memory[:, 1:], deviation)
    finer = np.array(FINER)
    memory = memory[:, None] + (MEMORIES[1] - MEMORIES[0]) * finer
    deviation = deviation[:, None] + (DEVIATIONS[1] - DEVIATIONS[0]) * finer
    best, memory, deviation = _best(_log_likelihood(curves, memory, deviation), memory, deviation)
    lengths = np.array([len(points) for points in curves])
    return np.stack([memory, deviation, (best - white) / lengths], axis=1)


def _best(likelihood: Reals, memory: Reals, deviation: Reals) -> tuple[Reals, Reals, Reals]:
    row = np.arange(len(likelihood))
    best = likelihood.reshape(len(likelihood), -1).argmax(axis=1)
    at_memory, at_deviation = np.unravel_index(best, likelihood.shape[1:])
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
    time, noise = (np.zeros((lengths[0], len(curves), 1, 1)) for _ in range(2))
    observed = np.ones((lengths[0], 2, len(curves), 1, 1))
    for column, points in enumerate(curves):
        time[:, column, 0, 0] = np.append(points.time, np.full(lengths[0] - len(points), points.time[-1]))
        noise[: len(points), column, 0, 0] = points.err**2
        observed[: len(points), 0, column, 0, 0] = points.mag
    kept = np.exp(-np.diff(time, axis=0) * 10.0 ** -memory[:, :, None])
    walk = 10.0 ** (2 * deviation[:, None, :])
    shape = (len(curves), memory.shape[1], deviation.shape[1])
    state, sums, logs = np.zeros((2, *shape)), np.zeros((3, *shape)), np.zeros(shape)
    unsure = np.broadcast_to(walk, shape).copy()
    first = 0
    for last in np.unique(lengths).tolist():
        # The curves that have points left are the first so many.
        of = slice(int((lengths >= last).sum()))
        limit, doubt, log = walk[of], unsure[of], logs[of]
        pair, squares, mean = state[:, of], sums[:2, of], sums[2, of]
        for step in range(first, last):
            if step:
                keep = kept[step - 1, of]
                pair *= keep
                doubt -= limit
                doubt *= keep * keep
                doubt += limit
            total = doubt + noise[step, of]
            gain = doubt / total
            surprise = observed[step, :, of] - pair
            pair += gain * surprise
            np.multiply(gain, noise[step, of], out=doubt)
            scaled = surprise / total
            squares += surprise[0] * scaled
            mean += surprise[1] * scaled[1]
            log += np.log(total)
        first = last
    likelihood: Reals = -0.5 * (sums[0] - sums[1] ** 2 / sums[2] + logs)
    return likelihood
