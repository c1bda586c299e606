"""The rise and decay of one light curve in one band, as a transient would show them."""

import numpy as np

from starloop.features.screening import Points, Reals

NAMES: tuple[str, ...] = (
    "rise_time",
    "decay_time",
    "rise_slope",
    "decay_slope",
    "peak_magnitude",
    "peak_minus_first",
    "peak_minus_last",
)


def rise_and_decay(points: Points) -> Reals:
    """Describe the light curve before and after its brightest point.

    Days from the first detection to the brightest and from there to the last; the least-squares slopes
    (mag/day, negative when brightening) up to and from the brightest point, which belongs to both; its
    magnitude; and that minus the first's and the last's. After the supernova features of
    Sanchez-Saez et al. 2021 (doi:10.3847/1538-3881/abd5c1).

    Parameters
    ----------
    points : Points
        Screened points, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (len(NAMES),)
        All NaN without points; a slope is NaN when its side has fewer than two.
    """
    if not len(points):
        return np.full(len(NAMES), np.nan)
    peak = int(points.mag.argmin())
    time, mag = points.time - points.time[peak], points.mag - points.mag[peak]
    return np.array(
        [
            -time[0],
            time[-1],
            _slope(time[: peak + 1], mag[: peak + 1]),
            _slope(time[peak:], mag[peak:]),
            points.mag[peak],
            -mag[0],
            -mag[-1],
        ]
    )


def _slope(time: Reals, mag: Reals) -> float:
    if len(time) < 2:
        return np.nan
    centred = time - time.mean()
    return float((centred * mag).sum() / (centred**2).sum())
