"""Quasars: a damped random walk whose size and memory depend on luminosity and black-hole mass."""

import numpy as np

from starloop.sky.simulator.cosmology import distance_modulus
from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, faint_rising, unknown

_GRID_START, _GRID_STEP, _GRID_NODES = 58150.0, 2.0, 460
_WAVELENGTH_A = {"g": 4746.48, "r": 6366.38}


def _scaling(a: float, b: float, c: float, d: float, rest_a: Reals, absolute_i: Reals, log_mass: Reals) -> Reals:
    """Evaluate equation 7 of MacLeod et al. 2010 (doi:10.1088/0004-637X/721/2/1014)."""
    return np.asarray(10 ** (a + b * np.log10(rest_a / 4000) + c * (absolute_i + 23) + d * (log_mass - 9)))


def make(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` quasars with a damped random walk each (MacLeod et al. 2010, doi:10.1088/0004-637X/721/2/1014).

    Black-hole masses follow the luminosity as in that paper's sample; the walk is drawn every 2 d of the observer's
    time and interpolated between; g varies more than r by its wavelength.
    """
    redshift = np.clip(rng.lognormal(-0.7, 0.7, n), 0.06, 3.0)
    mean_r = faint_rising(rng, n, 16.2, 18.9, 0.4)
    absolute_i = np.clip(mean_r - 0.2 - distance_modulus(redshift), -29.5, -21)
    log_mass = 2.0 - 0.27 * absolute_i + rng.normal(0, 0.3, n)
    rest_r = _WAVELENGTH_A["r"] / (1 + redshift)
    spread = _scaling(-0.51, -0.479, 0.131, 0.18, rest_r, absolute_i, log_mass) * 10 ** rng.normal(0, 0.15, n)
    memory = (
        _scaling(2.4, 0.17, 0.03, 0.21, rest_r, absolute_i, log_mass) * (1 + redshift) * 10 ** rng.normal(0, 0.3, n)
    )
    bluer = (_WAVELENGTH_A["g"] / _WAVELENGTH_A["r"]) ** -0.479
    colour = rng.normal(0.18, 0.12, n)

    # SF_infinity is sqrt(2) times the standard deviation of the walk.
    deviation = spread / np.sqrt(2)
    kept = np.exp(-_GRID_STEP / memory)
    kicks = rng.standard_normal((_GRID_NODES, n)) * deviation
    walk = np.empty_like(kicks)
    walk[0] = kicks[0]
    for node in range(1, _GRID_NODES):
        walk[node] = kept * walk[node - 1] + np.sqrt(1 - kept**2) * kicks[node]

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        place = np.clip((mjd - _GRID_START) / _GRID_STEP, 0, _GRID_NODES - 1.001)
        node = place.astype(np.int64)
        between = place - node
        offset = walk[node, which] * (1 - between) + walk[node + 1, which] * between
        green = fid == GREEN
        return np.asarray(mean_r[which] + np.where(green, colour[which] + bluer * offset, offset))

    return Objects("VII/290", ["QSO"] * n, unknown(n), redshift, True, mag)
