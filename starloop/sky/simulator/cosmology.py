"""Distances in a flat universe with H0 = 70 km/s/Mpc and matter density 0.3."""

import numpy as np

from starloop.sky.simulator.population import Reals

_Z = np.linspace(0, 4, 4001)
_HUBBLE_MPC = 299792.458 / 70
_INVERSE_E = 1 / np.sqrt(0.3 * (1 + _Z) ** 3 + 0.7)
_COMOVING_MPC = _HUBBLE_MPC * np.concatenate([[0], np.cumsum((_INVERSE_E[1:] + _INVERSE_E[:-1]) / 2 * np.diff(_Z))])


def distance_modulus(redshift: Reals) -> Reals:
    """Give the difference between apparent and absolute magnitude, without K correction."""
    luminosity_mpc = np.interp(redshift, _Z, _COMOVING_MPC) * (1 + redshift)
    return 5 * np.log10(luminosity_mpc) + 25


def draw_redshift(rng: np.random.Generator, n: int, farthest: float) -> Reals:
    """Draw redshifts uniformly in comoving volume out to `farthest`."""
    edge = np.interp(farthest, _Z, _COMOVING_MPC)
    return np.interp(edge * rng.uniform(1e-3, 1, n) ** (1 / 3), _COMOVING_MPC, _Z)
