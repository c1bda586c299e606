"""What the nights that looked and saw nothing say of the light between them."""

import numpy as np

from starloop.features.screening import BANDS, Band, Points, Reals

# Days before the first and after the last detection in which limits are counted.
WITHIN = 60.0

NAMES: tuple[str, ...] = (
    "limit_gap",
    "limit_depth",
    "limit_rise_rate",
    "limit_before",
    "limit_between",
    "limit_after",
    "limit_fade_gap",
    "limit_fade_depth",
)


def limits(alert: dict[str, Band], seen_nothing: dict[str, Band]) -> Reals:
    """Describe the non-detections of every object, of both bands together.

    Days from the last limit before the first detection to that detection; how much fainter (mag) that limit is than
    the detection, and that over the days: the least rate of the rise (mag/day). How many limits there are within
    `WITHIN` days before the first detection, between it and the last one, and within `WITHIN` days after the last; the
    days from the last detection to the first limit after it, and how much fainter (mag) the deepest of those after it
    is than the last detection. After the non-detection features of Sanchez-Saez et al. 2021
    (doi:10.3847/1538-3881/abd5c1), with bands taken together.

    Parameters
    ----------
    alert : dict of str to Band
        Screened detections, days and magnitudes.
    seen_nothing : dict of str to Band
        Screened five-sigma limits, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        All NaN without a detection or without any limit: where none is told, it is not known that there was none.
        A gap, a depth or the rate is NaN where no limit lies on that side, a rate also within a day.
    """
    objects = zip(*(bands[name] for bands in (alert, seen_nothing) for name in BANDS), strict=True)
    rows = [_describe(_both(*points[:2]), _both(*points[2:])) for points in objects]
    return np.array(rows).reshape(-1, len(NAMES))


def _both(g: Points, r: Points) -> tuple[Reals, Reals]:
    time, mag = np.concatenate([g.time, r.time]), np.concatenate([g.mag, r.mag])
    # Of limits at one time the deepest comes last, of detections the faintest: any order, if it is always the same.
    order = np.lexsort((mag, time))
    return time[order], mag[order]


def _describe(detections: tuple[Reals, Reals], nothing: tuple[Reals, Reals]) -> list[float]:
    (time, mag), (limit_time, limit) = detections, nothing
    if not len(time) or not len(limit_time):
        return [np.nan] * len(NAMES)
    before, after = limit_time < time[0], limit_time > time[-1]
    gap = depth = fade_gap = fade_depth = np.nan
    if before.any():
        last = np.flatnonzero(before)[-1]
        gap, depth = time[0] - limit_time[last], limit[last] - mag[0]
    if after.any():
        fade_gap = limit_time[after][0] - time[-1]
        fade_depth = limit[after & (limit_time < time[-1] + WITHIN)].max(initial=-np.inf) - mag[-1]
    return [
        gap,
        depth,
        depth / gap if gap >= 1.0 else np.nan,
        float((before & (limit_time > time[0] - WITHIN)).sum()),
        float((~before & ~after).sum()),
        float((after & (limit_time < time[-1] + WITHIN)).sum()),
        fade_gap,
        fade_depth if np.isfinite(fade_depth) else np.nan,
    ]
