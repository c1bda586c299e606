"""Colours: g minus r, in magnitudes."""

import numpy as np

from starloop.features.screening import Points, Reals

# A g and an r epoch this close show the object in one state, save the fastest variables.
PAIR_DAYS = 1.0

NAMES: tuple[str, ...] = (
    "colour_median_g_r",
    "colour_weighted_g_r",
    "colour_brightest_g_r",
    "colour_first_g_r",
    "colour_last_g_r",
    "colour_scatter_g_r",
)


def colours(g: Points, r: Points) -> Reals:
    """Compare the two bands of one light curve.

    The colour of the medians and of the inverse-variance weighted means, of the brightest points, of the
    earliest and the latest pair of epochs at most `PAIR_DAYS` apart, and the standard deviation over all
    such pairs. After Richards et al. 2011 (doi:10.1088/0004-637X/733/1/10) and, for the pairs,
    Sanchez-Saez et al. 2021 (doi:10.3847/1538-3881/abd5c1).

    Parameters
    ----------
    g, r : Points
        Screened points, magnitudes.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        Magnitudes; NaN without points in both bands, or, for the last three, without a pair (two for the scatter).
    """
    values = np.full(len(NAMES), np.nan)
    if not len(g) or not len(r):
        return values
    values[0] = np.median(g.mag) - np.median(r.mag)
    values[1] = _weighted_mean(g) - _weighted_mean(r)
    values[2] = g.mag.min() - r.mag.min()
    difference = pairs(g, r)[2]
    if len(difference):
        values[3], values[4] = difference[0], difference[-1]
    if len(difference) > 1:
        values[5] = difference.std(ddof=1)
    return values


def pairs(g: Points, r: Points) -> tuple[Reals, Reals, Reals]:
    """Pair every g epoch with the nearest r epoch, where that is at most `PAIR_DAYS` away.

    Returns
    -------
    time, mag, colour : numpy.ndarray, shape (pairs,)
        Days and magnitudes, the means of the two; and g - r, mag. In the order of the g epochs.
    """
    if not len(g) or not len(r):
        return np.empty(0), np.empty(0), np.empty(0)
    after = np.searchsorted(r.time, g.time).clip(0, len(r) - 1)
    before = (after - 1).clip(0)
    nearest = np.where(np.abs(r.time[before] - g.time) <= np.abs(r.time[after] - g.time), before, after)
    close = np.abs(r.time[nearest] - g.time) <= PAIR_DAYS
    nearest = nearest[close]
    time, mag = 0.5 * (g.time[close] + r.time[nearest]), 0.5 * (g.mag[close] + r.mag[nearest])
    return time, mag, g.mag[close] - r.mag[nearest]


def _weighted_mean(points: Points) -> np.float64:
    weight = points.err**-2
    mean: np.float64 = (weight * points.mag).sum() / weight.sum()
    return mean
