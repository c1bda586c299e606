"""What is known of an object besides its light curve. Its position itself is never a feature."""

import numpy as np
import pyarrow as pa

from starloop.features.screening import Reals, reals

# Beyond these a value is a mistake: degrees, arcsec, and the redshifts between which anything has been seen.
LARGEST_LATITUDE = 90.0
LARGEST_DISTANCE = 60.0
REDSHIFTS = (-0.1, 15.0)

NAMES: tuple[str, ...] = ("galactic_latitude", "nearest_source", "redshift")


def context(curves: pa.Table) -> Reals:
    """Give the context of every object.

    The absolute galactic latitude (deg), the distance of the nearest source of the data release (arcsec), and the
    redshift. Training has no redshift (the catalogue that knows one gave the label), so a model only uses
    it when it was trained where the askers' redshifts were known. After Sanchez-Saez et al. 2021
    (doi:10.3847/1538-3881/abd5c1), without their coordinates.

    Parameters
    ----------
    curves : pyarrow.Table
        Columns of `starloop.features.curves.SCHEMA`.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        NaN where it is not known, or beyond the limits of this module; no points are needed.
    """
    latitude = np.abs(reals(curves["galactic_latitude"].combine_chunks()))
    distance, redshift = (reals(curves[name].combine_chunks()) for name in ("nearest_source", "redshift"))
    with np.errstate(invalid="ignore"):
        known = [
            latitude <= LARGEST_LATITUDE,
            (distance >= 0.0) & (distance <= LARGEST_DISTANCE),
            (redshift >= REDSHIFTS[0]) & (redshift <= REDSHIFTS[1]),
        ]
    values = np.stack([latitude, distance, redshift], axis=1)
    return np.where(np.stack(known, axis=1), values, np.nan)
