"""Contact binaries (W Ursae Majoris light curves): two stars in one envelope, never at rest."""

import numpy as np

from starloop.sky.populations.binary import Pair, depths, gather, observe, roche_radius
from starloop.sky.populations.objects import Objects, Setting

SHALLOWEST, DEEPEST, MOST_UNEQUAL = 0.1, 0.85, 0.1


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` contact binaries of 0.22 to 0.8 d with nearly equal minima.

    Both stars overfill their Roche lobes and share one temperature, but for a few per cent. The mass of the heavier
    star grows with the period close to Gazeas and Stepien 2008 (Acta Astronomica 58, 193); the longer the period, the
    hotter the pair: a power law drawn by hand through the period-colour relation.
    """
    return observe(rng, gather(n, lambda: _draw(rng, 4 * n + 100)), "EW", setting, faintest=19.0)


def _draw(rng: np.random.Generator, n: int) -> Pair:
    """Draw contact binaries and keep those deep enough."""
    period = 10 ** np.clip(rng.normal(-0.43, 0.11, n), np.log10(0.22), np.log10(0.8))
    heavier = 10 ** (0.755 * np.log10(period) + 0.416)
    mass = heavier[:, None] * np.stack([np.ones(n), 0.1 + 0.9 * rng.beta(1.3, 2.5, n)], axis=1)
    fill_out = rng.uniform(0.0, 0.6, n)
    shared = np.minimum(6000 * (period / 0.38) ** 0.45, 7600) * rng.normal(1, 0.03, n)
    temperature = shared[:, None] * rng.normal(1, 0.015, (n, 2))
    # Either star can be the slightly hotter one, which is eclipsed at primary minimum.
    hotter_first = np.argsort(-temperature, axis=1)
    temperature, mass = (np.take_along_axis(of, hotter_first, axis=1) for of in (temperature, mass))
    pair = Pair(
        period=period,
        mass=mass,
        # The outermost envelope is about an eighth larger than the lobes.
        radius=roche_radius(mass / mass[:, ::-1]) * (1 + 0.12 * fill_out)[:, None],
        temperature=temperature,
        cos_i=rng.uniform(0, 1, n),
        eccentricity=np.zeros(n),
        periastron=np.zeros(n),
    )
    both = depths(pair)
    deepest, unequal = both.max(axis=1), np.abs(both[:, 0] - both[:, 1])
    return pair.take((deepest >= SHALLOWEST) & (deepest <= DEEPEST) & (unequal <= MOST_UNEQUAL))
