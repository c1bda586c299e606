"""Fast blue transients: the class of the scenario `new-class`, which the ordinary sky does not have.

Rapidly rising, luminous, hot explosions (Drout et al. 2014, doi:10.1088/0004-637X/794/1/23): up in two or three days,
down by a magnitude in four to eight, blue throughout. Nature does not switch them on; a survey does that adds a filter.
"""

import numpy as np

from starloop.sky.populations.cosmology import dimming
from starloop.sky.populations.galaxy import extinction, extragalactic
from starloop.sky.populations.objects import NOT_THERE, Ints, Objects, Reals, Setting, by_filter, unknown

NAME = "FAST-BLUE"
LEAST_ALERTS = 2
NIGHTS, NIGHTS_BEFORE = 60, 5
"""They explode during so many nights from the scenario's on; the first were there before, but nobody took them in."""
NIGHTLY_SHARE = 0.01
"""So many explode a night, as a share of the sky's objects."""

_FARTHEST = 0.12


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` fast blue transients that explode within the setting's span; magnitudes at peak -18 to -20.5 in g."""
    ra, dec, reddening = extragalactic(rng, n, setting)
    redshift = _FARTHEST * rng.uniform(1e-2, 1, n) ** (1 / 3)
    peak = rng.uniform(-20.5, -18, n) + dimming(redshift)
    exploded = rng.uniform(setting.first_mjd, setting.last_mjd, n)
    rise, decline = rng.uniform(1.5, 3.5, n), rng.uniform(0.12, 0.28, n)
    colour = rng.normal(-0.25, 0.06, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        day = (mjd - exploded[which]) / (1 + redshift[which])
        # Flux grows with the square of time, then falls by a constant rate in magnitudes.
        up = -5 * np.log10(np.clip(day / rise[which], 1e-3, 1))
        down = decline[which] * np.maximum(day - rise[which], 0)
        cooling = colour[which] + 0.012 * np.maximum(day, 0)
        seen = peak[which] + up + down - by_filter(fid, 0.0, cooling, 1.6 * cooling)
        return np.where(day <= 0, NOT_THERE, seen + extinction(reddening[which], fid))

    return Objects("BTS", ["FBOT"] * n, ra, dec, unknown(n), redshift, False, mag)
