"""Constant stars: they alert only when a subtraction fails."""

import numpy as np

from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, faint_rising, unknown


def make(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` constant stars that no catalogue of variables lists; one exposure in forty gives a bogus alert."""
    mean_r = faint_rising(rng, n, 13.0, 17.5, 0.2)
    colour = np.clip(rng.normal(0.6, 0.3, n), 0.0, 1.6)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        return mean_r[which] + np.where(fid == GREEN, colour[which], 0) + np.zeros_like(mjd)

    return Objects(None, [""] * n, unknown(n), unknown(n), True, mag, bogus_rate=1 / 40)
