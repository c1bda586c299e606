"""Where objects of a class are found: everywhere, along the disc, or away from it."""

import numpy as np

from starloop.sky.simulator.fields import SOUTHERN_LIMIT_DEG
from starloop.sky.simulator.heavens import galactic_latitude
from starloop.sky.simulator.population import Reals


def place(rng: np.random.Generator, n: int, disc_deg: float | None, least_deg: float) -> tuple[Reals, Reals]:
    """Draw positions in the survey's part of the sky.

    Parameters
    ----------
    disc_deg : float or None
        Scale over which the density falls away from the Galactic plane; None for an even one.
    least_deg : float
        Galactic latitude below which the class is not found: dust hides it, or the survey does not go there.

    Returns
    -------
    ra, dec : arrays of shape (n,)
        Degrees.
    """
    found: list[tuple[Reals, Reals]] = []
    missing = n
    while missing > 0:
        ra = rng.uniform(0, 360, 8 * n + 64)
        lowest = np.sin(np.radians(SOUTHERN_LIMIT_DEG))
        dec = np.degrees(np.arcsin(rng.uniform(lowest, 1, len(ra))))
        latitude = np.abs(galactic_latitude(ra, dec))
        chance = np.exp(-latitude / disc_deg) if disc_deg else np.ones(len(ra))
        kept = np.flatnonzero((rng.uniform(size=len(ra)) < chance) & (latitude >= least_deg))[:missing]
        found.append((ra[kept], dec[kept]))
        missing -= len(kept)
    return np.concatenate([ra for ra, _ in found]), np.concatenate([dec for _, dec in found])
