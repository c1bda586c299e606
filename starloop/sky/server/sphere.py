"""Positions on the sky as unit vectors, and what lies within a circle."""

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]


def unit_vectors(ra: Reals, dec: Reals) -> Reals:
    """Turn right ascension and declination (degrees, shape (n,)) into unit vectors of shape (n, 3)."""
    lon, lat = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def mean_positions(ra: Reals, dec: Reals, starts: Ints) -> tuple[Reals, Reals]:
    """Average the positions of consecutive rows, safely across RA 0 and at the poles.

    Parameters
    ----------
    ra, dec : array of shape (n,)
        Degrees; rows that are not numbers do not count.
    starts : array of shape (m,)
        Where each group of rows begins.

    Returns
    -------
    ra, dec : array of shape (m,)
        Degrees; NaN for a group without any position.
    """
    if not len(starts):
        return np.empty(0), np.empty(0)
    x, y, z = np.add.reduceat(np.nan_to_num(unit_vectors(ra, dec)), starts, axis=0).T
    nowhere = (x == 0) & (y == 0) & (z == 0)
    mean_ra, mean_dec = np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
    return np.where(nowhere, np.nan, mean_ra), np.where(nowhere, np.nan, mean_dec)


def _chord(degrees: float) -> float:
    return float(2 * np.sin(np.radians(min(degrees, 180.0)) / 2))


class Positions:
    """Positions that can be searched by circle; those that are not numbers are never found."""

    def __init__(self, ra: Reals, dec: Reals) -> None:
        vectors = unit_vectors(ra, dec)
        self._rows = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        self._tree = cKDTree(vectors[self._rows])

    def within(self, ra: float, dec: float, radius: float) -> tuple[Ints, Reals]:
        """Find the rows within `radius` of a position (all in degrees).

        Returns
        -------
        rows : array of int
            Nearest first.
        distance : array of float
            Degrees.
        """
        _, rows, distance = self.pairs(np.array([ra]), np.array([dec]), radius)
        return rows, distance

    def pairs(self, ra: Reals, dec: Reals, radius: float) -> tuple[Ints, Ints, Reals]:
        """Pair every given position with the rows within `radius` of it (all in degrees).

        Returns
        -------
        given, rows : array of int
            Ordered by given position, then nearest first.
        distance : array of float
            Degrees.
        """
        vectors = unit_vectors(ra, dec)
        asked = np.flatnonzero(np.isfinite(vectors).all(axis=1))
        # A hair wider: the chord of a tiny circle is known only to rounding.
        found = cKDTree(vectors[asked]).sparse_distance_matrix(
            self._tree, _chord(radius) * (1 + 1e-9) + 1e-15, output_type="ndarray"
        )
        order = np.lexsort((found["j"], found["v"], found["i"]))
        distance = np.degrees(2 * np.arcsin(np.minimum(found["v"][order] / 2, 1)))
        return asked[found["i"][order]], self._rows[found["j"][order]], distance
