"""What the alerts say of their own detections, and of the source in the reference image beside them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.features.screening import Flags, Reals, Rows, flatten, reals

# ALeRCE takes a reference source this close (arcsec) for the object itself.
SAME_SOURCE = 1.4
# ZTF's real-bogus score is a probability, and its reference sources are searched for within 30 arcsec or so.
HIGHEST_SCORE, LARGEST_DISTANCE = 1.0, 60.0

NAMES: tuple[str, ...] = (
    "detection_count",
    "detection_positive_share",
    "detection_middle_score",
    "detection_lowest_score",
    "reference_share",
    "reference_distance",
    "reference_distance_scatter",
    "reference_apparent",
)


def detections(curves: pa.Table) -> Reals:
    """Describe all detections of every object, whichever band or sign they have.

    How many there are; the share of those of known sign that are brighter than the reference image; the median and
    the lowest deep-learning real-bogus score (drb; Duev et al. 2019, doi:10.1093/mnras/stz2357); the share of the
    known distances to the nearest source of the reference image that are within `SAME_SOURCE`, their median and their
    median absolute deviation (distnr, arcsec; Masci et al. 2019, doi:10.1088/1538-3873/aae8ac); and 1 where the
    light curve is of apparent magnitudes, 0 where it is of difference magnitudes. After Sanchez-Saez et al. 2021
    (doi:10.3847/1538-3881/abd5c1).

    Parameters
    ----------
    curves : pyarrow.Table
        Columns of `starloop.features.curves.SCHEMA`.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        Shares and scores from 0 to 1, distances in arcsec; NaN where nothing is known. One detection is enough, two
        known distances for their scatter.
    """
    row, columns = flatten(curves, "detection_score", "detection_distance", "detection_positive")
    score, distance = (reals(column) for column in columns[:2])
    positive = reals(pc.cast(columns[2], pa.float64()))
    n = len(curves)
    with np.errstate(invalid="ignore"):
        scored = (score >= 0.0) & (score <= HIGHEST_SCORE)
        placed = (distance >= 0.0) & (distance <= LARGEST_DISTANCE)
    count = np.bincount(row, minlength=n).astype(np.float64)
    least = np.full(n, np.inf)
    np.minimum.at(least, row[scored], score[scored])
    middle = _medians(row[placed], distance[placed], n)
    scatter = _medians(row[placed], np.abs(distance - middle[row])[placed], n)
    several = np.bincount(row[placed], minlength=n) > 1
    return np.stack(
        [
            np.where(count > 0.0, count, np.nan),
            _share(row, positive > 0.0, np.isfinite(positive), n),
            _medians(row[scored], score[scored], n),
            np.where(np.isfinite(least), least, np.nan),
            _share(row, distance <= SAME_SOURCE, placed, n),
            middle,
            np.where(several, scatter, np.nan),
            reals(pc.cast(curves["apparent"].combine_chunks(), pa.float64())),
        ],
        axis=1,
    )


def _share(row: Rows, chosen: Flags, known: Flags, objects: int) -> Reals:
    whole = np.bincount(row[known], minlength=objects)
    part = np.bincount(row[known & chosen], minlength=objects)
    return np.where(whole > 0, part / whole.clip(1), np.nan)


def _medians(row: Rows, values: Reals, objects: int) -> Reals:
    """Give the median of each object's values, NaN where it has none."""
    medians = np.full(objects, np.nan)
    values = values[np.lexsort((values, row))]
    counts = np.bincount(row, minlength=objects)
    starts, some = np.cumsum(counts) - counts, counts > 0
    low, high = starts + (counts - 1) // 2, starts + counts // 2
    medians[some] = 0.5 * (values[low[some]] + values[high[some]])
    return medians
