"""Which side of the split a place on the sky is on: once, for ever, whatever else is in the data set."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from starloop.model.calibration import Ints, Reals

NSIDE = 1024
_RANGE = 2**64


def groups(ra: Reals, dec: Reals) -> Ints:
    """Give each position its HEALPix pixel.

    One star has an identifier for each ZTF field, quadrant and filter; its pixel (3.4 arcmin) keeps them together.

    Parameters
    ----------
    ra, dec : ndarray, shape (n,)
        Degrees (ICRS).

    Returns
    -------
    ndarray, shape (n,)
        Pixel numbers, nside 1024, nested.

    References
    ----------
    Gorski et al. 2005, doi:10.1086/427976
    """
    import healpy

    pixels: Ints = healpy.ang2pix(NSIDE, ra, dec, nest=True, lonlat=True).astype(np.int64)
    return pixels


def is_test(group: Ints, share: float) -> NDArray[np.bool_]:
    """Tell which pixels are only tested on.

    Parameters
    ----------
    group : ndarray, shape (n,)
        Pixel numbers.
    share : float
        Share of the sky that is tested on; a larger share keeps every pixel of a smaller one.
    """
    return drawn(group, share)


def drawn(group: Ints, share: float, lot: str = "") -> NDArray[np.bool_]:
    """Draw a share of the pixels: always the same ones, and independent ones for every other lot."""
    pixels, rows = np.unique(group, return_inverse=True)
    places = [int.from_bytes(hashlib.sha256(f"{lot}{pixel}".encode()).digest()[:8]) for pixel in pixels.tolist()]
    return np.array([place / _RANGE < share for place in places], dtype=bool)[rows]
