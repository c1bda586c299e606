"""Semi-detached eclipsing binaries (beta Lyrae light curves): unequal eclipses of stars drawn out by tides."""

import numpy as np

from starloop.sky.populations.binary import Pair, depths, gather, observe, roche_radius, semi_major_axis
from starloop.sky.populations.objects import Objects, Setting

SHALLOWEST, DEEPEST = 0.2, 1.5
LEAST_DIFFERENCE, LEAST_RATIO = 0.05, 0.2


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` semi-detached binaries of 0.4 to 3 d with eclipses of unequal depth.

    The cooler, lighter star fills its Roche lobe; the hotter one fills most of its own. Mass ratios and temperature
    ratios are drawn by hand to resemble published semi-detached systems.
    """
    return observe(rng, gather(n, lambda: _draw(rng, 20 * n + 100)), "EB", setting, faintest=19.0)


def _draw(rng: np.random.Generator, n: int) -> Pair:
    """Draw binaries and keep those deep enough and unequal enough."""
    heavier, ratio = np.minimum(1.2 * (1 - rng.uniform(size=n)) ** (-1 / 1.7), 4.0), rng.uniform(0.25, 0.8, n)
    mass = heavier[:, None] * np.stack([np.ones(n), ratio], axis=1)
    period = 10 ** rng.uniform(np.log10(0.4), np.log10(3.0), n)
    hot = 5772 * heavier**0.55 * rng.uniform(0.92, 1.0, n)
    lobe = roche_radius(mass / mass[:, ::-1])
    first = heavier**0.8 * rng.uniform(1.0, 2.0, n) / semi_major_axis(period, mass.sum(axis=1))
    pair = Pair(
        period=period,
        mass=mass,
        radius=np.stack([first, lobe[:, 1]], axis=1),
        temperature=hot[:, None] * np.stack([np.ones(n), rng.uniform(0.6, 0.88, n)], axis=1),
        cos_i=rng.uniform(0, 0.75, n),
        eccentricity=np.zeros(n),
        periastron=np.zeros(n),
    )
    pair = pair.take((first > 0.6 * lobe[:, 0]) & (first < lobe[:, 0]))
    primary, secondary = depths(pair).T
    unequal = (primary - secondary >= LEAST_DIFFERENCE) & (secondary >= LEAST_RATIO * primary)
    return pair.take((primary >= SHALLOWEST) & (primary <= DEEPEST) & unequal)
