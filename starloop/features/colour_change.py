"""How the colour changes, with time and with brightness."""

import numpy as np

from starloop.features.colour import pairs
from starloop.features.screening import Points, Reals

FEWEST_PAIRS = 3

NAMES: tuple[str, ...] = ("colour_change_time", "colour_change_magnitude")


def colour_change(g: Points, r: Points) -> Reals:
    """Measure the trends of g - r over the pairs of epochs that are close in time.

    The least-squares slope with time (mag/day, positive when it reddens, as an explosion that cools) and with the
    pair's mean magnitude (mag/mag, positive when it is redder when fainter, as quasars are: Schmidt et al. 2012,
    doi:10.1088/0004-637X/744/2/147). The mean of both bands, as the noise of either alone would be in both axes.

    Parameters
    ----------
    g, r : Points
        Screened points, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        NaN below `FEWEST_PAIRS` pairs, or where time or magnitude are the same in all.
    """
    time, mag, colour = pairs(g, r)
    if len(colour) < FEWEST_PAIRS:
        return np.full(len(NAMES), np.nan)
    return np.array([_slope(time, colour), _slope(mag, colour)])


def _slope(x: Reals, y: Reals) -> float:
    centred = x - x.mean()
    spread = float((centred**2).sum())
    return float((centred * y).sum()) / spread if spread > 0.0 else np.nan
