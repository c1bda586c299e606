"""Near neighbours: constant stars too close to be told apart from an object in the reference and release images."""

import numpy as np

from starloop.sky.populations.objects import Ints, Reals
from starloop.sky.survey.identifiers import luck

NEIGHBOUR_SHARE = 0.04
"""The share of objects with one."""

_CLOSEST_ARCSEC, _FARTHEST_ARCSEC = 0.5, 3.0
# The neighbour is so much fainter than its object; where the reference shows no object, so bright itself.
_FAINTER_MAG, _ALONE_MAG = (0.2, 3.0), (17.5, 20.5)


def neighbour_fluxes(rng: np.random.Generator, own: Reals) -> Reals:
    """Draw the flux of each object's neighbour, the same in all filters; zero for most.

    Parameters
    ----------
    own : array of shape (n,)
        The object's flux in the reference image, in units of a 19th-magnitude star; zero where it is not there.
    """
    beside = own * 10 ** (-0.4 * rng.uniform(*_FAINTER_MAG, len(own)))
    alone = 10 ** (-0.4 * (rng.uniform(*_ALONE_MAG, len(own)) - 19))
    present = rng.uniform(size=len(own)) < NEIGHBOUR_SHARE
    return np.where(present, np.where(own > 0, beside, alone), 0.0)


def neighbour_offsets(number: Ints) -> tuple[Reals, Reals]:
    """Give where each object's neighbour stands, if it has one: east and north of it, arcsec."""
    separation = np.sqrt(_CLOSEST_ARCSEC**2 + luck(number, 2) * (_FARTHEST_ARCSEC**2 - _CLOSEST_ARCSEC**2))
    angle = 2 * np.pi * luck(number, 3)
    return separation * np.sin(angle), separation * np.cos(angle)


def moved(ra: Reals, dec: Reals, east: Reals, north: Reals) -> tuple[Reals, Reals]:
    """Move positions (degrees) by small offsets (arcsec)."""
    return (ra + east / 3600 / np.cos(np.radians(dec))) % 360, dec + north / 3600
