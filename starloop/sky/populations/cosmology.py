"""Distances in a flat universe with H0 = 70 km/s/Mpc and matter density 0.3."""

from functools import cache

import numpy as np

from starloop.sky.populations.objects import Reals

_HUBBLE_MPC = 299792.458 / 70
_MATTER = 0.3
_FARTHEST, _STEP = 4.0, 5e-4


@cache
def _grid() -> tuple[Reals, Reals]:
    """Redshifts and their comoving distances, Mpc: the integral of 1/E(z) by trapezia."""
    redshift = np.arange(0, _FARTHEST + _STEP, _STEP)
    inverse = 1 / np.sqrt(_MATTER * (1 + redshift) ** 3 + 1 - _MATTER)
    return redshift, _HUBBLE_MPC * _STEP * np.concatenate([[0], np.cumsum((inverse[1:] + inverse[:-1]) / 2)])


def distance_modulus(redshift: Reals) -> Reals:
    """Give apparent minus absolute magnitude of the whole light, mag, without K correction; redshifts up to 4."""
    return np.asarray(5 * np.log10(np.interp(redshift, *_grid()) * (1 + redshift)) + 25)


def dimming(redshift: Reals) -> Reals:
    """Give apparent minus absolute AB magnitude where the absolute one is taken at the emitted wavelength.

    The spectrum is squeezed into a narrower range of frequency: 2.5 log10(1 + z) mag brighter than the distance
    modulus (Hogg et al. 2002, arXiv:astro-ph/0210394).
    """
    return distance_modulus(redshift) - 2.5 * np.log10(1 + redshift)


def reach(dimmed: Reals) -> Reals:
    """Give the comoving distance, Mpc, at which `dimming` has these values."""
    redshift, distance = _grid()
    return np.interp(dimmed, dimming(redshift[1:]), distance[1:])


def redshift_at(distance: Reals) -> Reals:
    """Give the redshift at these comoving distances, Mpc."""
    redshift, grid = _grid()
    return np.interp(distance, grid, redshift)
