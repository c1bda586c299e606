"""Detached eclipsing binaries and Algols: at rest but for two eclipses."""

import numpy as np

from starloop.sky.populations.binary import Pair, depths, gather, observe, roche_radius, semi_major_axis
from starloop.sky.populations.objects import Objects, Setting

SHALLOWEST = 0.1
ALGOL_SHARE = 0.3


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` detached binaries of 0.5 to 10 d whose deeper eclipse is at least 0.1 mag in r.

    Masses, radii and temperatures follow main-sequence scalings (R ~ M^0.8, T ~ M^0.55; drawn by hand) with the more
    massive star up to three times its first size; one in four orbits longer than 2 d is eccentric. Some are Algols
    proper, which catalogues count here too: a cool subgiant that fills its small lobe, and deep primary eclipses.
    """
    return observe(rng, gather(n, lambda: _draw(rng, 20 * n + 100)), "EA", setting, faintest=19.0)


def _draw(rng: np.random.Generator, n: int) -> Pair:
    """Draw binaries and keep the detached ones that eclipse."""
    heavier = np.minimum(0.8 * (1 - rng.uniform(size=n)) ** (-1 / 1.7), 3.5)
    algol = rng.uniform(size=n) < ALGOL_SHARE
    ratio = np.where(algol, rng.uniform(0.15, 0.4, n), rng.uniform(0.45, 1.0, n))
    mass = heavier[:, None] * np.stack([np.ones(n), ratio], axis=1)
    grown = np.stack([rng.uniform(1.0, 3.0, n), rng.uniform(1.0, 1.2, n)], axis=1)
    period = 10 ** rng.uniform(np.log10(0.5), 1.0, n)
    lobe = roche_radius(mass / mass[:, ::-1])
    radius = mass**0.8 * grown / semi_major_axis(period, mass.sum(axis=1))[:, None]
    radius[:, 1] = np.where(algol, 0.99 * lobe[:, 1], radius[:, 1])
    temperature = 5772 * mass**0.55 * grown**-0.15
    temperature[:, 1] = np.where(algol, temperature[:, 0] * rng.uniform(0.55, 0.75, n), temperature[:, 1])
    # The hotter star is the one eclipsed at primary minimum.
    hotter_first = np.argsort(-temperature, axis=1)
    columns = (mass, radius, temperature, lobe)
    mass, radius, temperature, lobe = (np.take_along_axis(of, hotter_first, axis=1) for of in columns)
    eccentric = (period > 2) & ~algol & (rng.uniform(size=n) < 0.25)
    pair = Pair(
        period=period,
        mass=mass,
        radius=radius,
        temperature=temperature,
        cos_i=rng.uniform(0, 0.6, n),
        eccentricity=np.where(eccentric, rng.uniform(0.02, 0.3, n), 0.0),
        periastron=rng.uniform(0, 2 * np.pi, n),
    )
    detached = np.all(radius < 0.8 * lobe, axis=1) | algol
    pair = pair.take(detached & np.all((radius > 0.08) & (radius < 0.3), axis=1))
    # Where the discs first touch; without an eclipse that is at conjunction, and the depth is zero.
    contact = np.sqrt((1 - pair.radius.sum(axis=1) ** 2) / (1 - pair.cos_i**2))
    return pair.take(depths(pair, np.arccos(np.minimum(contact, 1))).max(axis=1) >= SHALLOWEST)
