"""Constant stars: they alert only when a subtraction fails."""

import numpy as np

from starloop.sky.populations.galaxy import extinction, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, by_filter, unknown
from starloop.sky.populations.photosphere import dwarf_colours

BOGUS_RATE = 1 / 80


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` main-sequence stars that no catalogue of variables lists; `BOGUS_RATE` of exposures alert all the same.

    Absolute magnitudes are drawn by hand around the turn-off, where most stars of a magnitude-limited sample lie.
    """
    absolute_r = np.clip(rng.normal(5.0, 1.5, n), 2.0, 10.0)
    placed = stars(rng, absolute_r, "thin", setting)
    g_r, r_i = dwarf_colours(absolute_r)
    g_r, r_i = g_r + rng.normal(0, 0.06, n), r_i + rng.normal(0, 0.04, n)
    mean_r = absolute_r + placed.modulus

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        colour = by_filter(fid, g_r[which], 0.0, -r_i[which])
        return mean_r[which] + colour + extinction(placed.reddening[which], fid)

    return Objects(
        None, [""] * n, placed.ra, placed.dec, unknown(n), unknown(n), in_reference=True, mag=mag, bogus_rate=BOGUS_RATE
    )
