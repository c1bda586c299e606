"""Where objects are: stars drawn from the Galaxy's discs and halo behind dust, galaxies evenly over the sky.

Discs and halo are those of Juric et al. (2008, doi:10.1086/523619). The dust is a smooth exponential disc with
0.7 mag/kpc of A_V near the Sun and a lognormal scatter from one line of sight to the next: an approximation,
chosen by hand; real dust is patchy in depth too.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from starloop.sky.populations.objects import Ints, Reals, Setting, by_filter

PLANE_DEG = 4.0
SOUTHERN_LIMIT_DEG = -28.0

_EXTRAGALACTIC_DEG = 10.0
_SUN_KPC, _SUN_HEIGHT_KPC = 8.2, 0.025
_THIN, _THICK = (2.6, 0.3), (3.6, 0.9)  # scale length and height, kpc
_HALO_SLOPE, _HALO_FLATTENING, _HALO_CORE_KPC = 2.77, 0.64, 0.5

_DUST_LENGTH_KPC, _DUST_HEIGHT_KPC = 3.5, 0.1
_DUST_PER_KPC = 0.23  # E(B-V) in the middle of the plane below the Sun, mag
_DUST_SCATTER = 0.35

_MODULI = np.linspace(0.0, 19.0, 60)
_FEWEST_LINES, _MOST_LINES = 4000, 20000
# Stars that share a line of sight are moved apart by so much, and lines keep so far from the edges.
_APART_DEG = 0.1
# Lines of sight are drawn evenly in log(|b| + this).
_SOFT_DEG = 5.0

# From ICRS to Galactic coordinates (the Hipparcos Catalogue, ESA SP-1200, volume 1, section 1.5.3).
_TO_GALACTIC = np.array(
    [
        [-0.0548755604, -0.8734370902, -0.4838350155],
        [+0.4941094279, -0.4448296300, +0.7469822445],
        [-0.8676661490, -0.1980763734, +0.4559837762],
    ]
)


@dataclass(frozen=True)
class Stars:
    """Places of `n` stars.

    Parameters
    ----------
    ra, dec : array of shape (n,)
        Degrees, ICRS.
    modulus : array of shape (n,)
        Distance modulus, mag.
    reddening : array of shape (n,)
        E(B-V), mag.
    """

    ra: Reals
    dec: Reals
    modulus: Reals
    reddening: Reals


def stars(
    rng: np.random.Generator,
    absolute_r: Reals,
    component: Literal["thin", "thick", "halo"],
    setting: Setting,
    brightest: float = 12.8,
    faintest: float = 20.0,
) -> Stars:
    """Draw a place for each star, so that its reddened r magnitude lies between the limits.

    A star that comes between the limits nowhere in the Galaxy gets the place that misses them least.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    absolute_r : array of shape (n,)
        Absolute r magnitudes.
    component : {"thin", "thick", "halo"}
        The part of the Galaxy the stars belong to.
    setting : Setting
        Inside or outside the Galactic plane.
    brightest, faintest : float
        Limits of the apparent r magnitude.
    """
    towards = _lines(rng, int(np.clip(4 * len(absolute_r), _FEWEST_LINES, _MOST_LINES)), setting.in_plane)
    step = _MODULI[1] - _MODULI[0]
    # Every line has its own grid, moved by part of a step: distances do not fall on a lattice.
    modulus = _MODULI + rng.uniform(0, step, (len(towards), 1))
    distance = 10 ** (modulus / 5 - 2)
    x = _SUN_KPC - distance * towards[:, :1]
    y, z = distance * towards[:, 1:2], distance * towards[:, 2:] + _SUN_HEIGHT_KPC
    radius = np.hypot(x, y)
    reddening = _reddening(radius, z, distance) * rng.lognormal(0, _DUST_SCATTER, (len(towards), 1))
    # Volume per step of a logarithmic grid, and how sparsely lines were drawn at this latitude.
    weight = _density(component, radius, z) * distance**3 * _area(towards[:, 2:])

    # Nodes sorted by how much fainter they make a star: those a star may stand at are neighbours.
    fainter = (modulus + extinction(reddening, np.array(2))).ravel()
    order = np.argsort(fainter)
    total = np.concatenate([[0.0], np.cumsum(weight.ravel()[order])])
    first, last = (np.searchsorted(fainter[order], limit - absolute_r) for limit in (brightest, faintest))
    drawn = total[first] + rng.uniform(size=len(absolute_r)) * (total[last] - total[first])
    chosen = np.clip(np.searchsorted(total, drawn, side="right") - 1, first, np.maximum(last - 1, first))
    node = order[np.minimum(chosen, len(order) - 1)]

    apart = rng.uniform(-1, 1, (len(node), 3)) * np.radians(_APART_DEG) / np.sqrt(3)
    ra, dec = _equatorial(towards[node // len(_MODULI)] + apart)
    return Stars(ra, dec, modulus.ravel()[node], reddening.ravel()[node])


def extragalactic(rng: np.random.Generator, n: int, setting: Setting) -> tuple[Reals, Reals, Reals]:
    """Draw positions evenly over the survey's sky outside 10 deg from the plane, whatever the setting.

    Returns
    -------
    ra, dec : array of shape (n,)
        Degrees, ICRS.
    reddening : array of shape (n,)
        E(B-V) through the whole disc of dust, mag.
    """
    # Four fifths of the sky is outside the plane: twice as many and a few always suffice.
    tried = 2 * n + 50
    ra = rng.uniform(0, 360, tried)
    dec = np.degrees(np.arcsin(rng.uniform(np.sin(np.radians(SOUTHERN_LIMIT_DEG)), 1, tried)))
    latitude = galactic_latitude(ra, dec)
    kept = np.flatnonzero(np.abs(latitude) >= _EXTRAGALACTIC_DEG)[:n]
    through = _DUST_PER_KPC * _DUST_HEIGHT_KPC / np.abs(np.sin(np.radians(latitude[kept])))
    return ra[kept], dec[kept], through * rng.lognormal(0, _DUST_SCATTER, len(kept))


def extinction(reddening: Reals, fid: Ints) -> Reals:
    """Turn E(B-V) into extinction (mag) in g, r and i (Schlafly and Finkbeiner 2011, doi:10.1088/0004-637X/737/2/103).

    The coefficients are those of the SDSS filters, for R_V = 3.1.
    """
    return by_filter(fid, 3.30, 2.31, 1.71) * reddening


def apparent(places: Stars, green: Reals, red: Reals, infrared: Reals) -> Reals:
    """Turn absolute g, r and i magnitudes into apparent, reddened ones of shape (n, 3), column ``fid - 1``."""
    dimmed = extinction(places.reddening[:, np.newaxis], np.array([[1, 2, 3]]))
    return np.stack([green, red, infrared], axis=1) + places.modulus[:, np.newaxis] + dimmed


def galactic_latitude(ra: Reals, dec: Reals) -> Reals:
    """Turn positions (ICRS, deg) into Galactic latitudes (deg)."""
    east, up = np.radians(ra), np.radians(dec)
    towards = np.stack([np.cos(up) * np.cos(east), np.cos(up) * np.sin(east), np.sin(up)])
    return np.asarray(np.degrees(np.arcsin(np.clip(np.tensordot(_TO_GALACTIC[2], towards, 1), -1, 1))))


def _lines(rng: np.random.Generator, n: int, in_plane: bool) -> Reals:
    """Draw unit vectors (Galactic) to the survey's sky, denser near the plane where the discs' stars are."""
    edges = (0.0, PLANE_DEG - 1.5 * _APART_DEG) if in_plane else (PLANE_DEG + 1.5 * _APART_DEG, 90.0)
    near, far = np.log(np.array(edges) + _SOFT_DEG)
    latitude = np.radians(np.exp(rng.uniform(near, far, n)) - _SOFT_DEG) * rng.choice([-1, 1], n)
    longitude = rng.uniform(0, 2 * np.pi, n)
    flat = np.cos(latitude)
    towards = np.stack([flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)], axis=1)
    dec = np.degrees(np.arcsin(towards @ _TO_GALACTIC[:, 2]))
    return np.asarray(towards[dec >= SOUTHERN_LIMIT_DEG + 1.5 * _APART_DEG])


def _area(sine: Reals) -> Reals:
    """Weigh lines by the sky each stands for: `_lines` draws |b| with a density of 1 / (|b| + 5 deg)."""
    latitude = np.arcsin(np.abs(sine))
    return np.asarray(np.cos(latitude) * (np.degrees(latitude) + _SOFT_DEG))


def _density(component: str, radius: Reals, z: Reals) -> Reals:
    """Give the number density, in arbitrary units, at Galactocentric places in kpc."""
    if component == "halo":
        squared = radius**2 + (z / _HALO_FLATTENING) ** 2 + _HALO_CORE_KPC**2
        return np.asarray(squared ** (-_HALO_SLOPE / 2))
    length, height = _THIN if component == "thin" else _THICK
    return np.asarray(np.exp(-radius / length - np.abs(z) / height))


def _reddening(radius: Reals, z: Reals, distance: Reals) -> Reals:
    """Sum E(B-V) along lines of sight: one row a line, one column a distance (kpc)."""
    local = _DUST_PER_KPC * np.exp((_SUN_KPC - radius) / _DUST_LENGTH_KPC - np.abs(z) / _DUST_HEIGHT_KPC)
    steps = np.diff(distance, axis=1)
    between = np.cumsum((local[:, 1:] + local[:, :-1]) / 2 * steps, axis=1)
    return np.asarray(local[:, :1] * distance[:, :1] + np.concatenate([np.zeros_like(steps[:, :1]), between], axis=1))


def _equatorial(towards: Reals) -> tuple[Reals, Reals]:
    """Turn Galactic vectors of any length into ICRS positions, deg."""
    x, y, z = (towards @ _TO_GALACTIC).T
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
