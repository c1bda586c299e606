"""RR Lyrae stars of type c, which pulsate in the first overtone: nearly sinusoidal, with a hump before maximum."""

import numpy as np

from starloop.sky.populations.galaxy import apparent
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.rrab import old_stars

_HUMP_WIDTH = 0.05


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` RRc stars of 0.2 to 0.45 d.

    Ranges of period and amplitude after the RRc stars of SDSS's stripe 82 (Sesar et al. 2010,
    doi:10.1088/0004-637X/708/1/717); the shape is drawn by hand. M_r = 0.6 +- 0.15 mag, g-r = 0.12, r-i = 0.
    """
    period = np.clip(rng.normal(0.33, 0.045, n), 0.2, 0.45)
    amplitude = np.clip(rng.normal(0.48, 0.07, n), 0.3, 0.6)[:, np.newaxis] * np.array([1, 0.71, 0.56])
    skew, hump = rng.uniform(0.1, 0.35, n), rng.uniform(0.04, 0.12, n)
    hump_at = rng.uniform(0.8, 0.87, n)
    absolute_r = rng.normal(0.6, 0.15, n)
    places = old_stars(rng, absolute_r, setting)
    mean = apparent(places, absolute_r + rng.normal(0.12, 0.05, n), absolute_r, absolute_r - rng.normal(0, 0.03, n))
    epoch = rng.uniform(0, 1, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        phase = (mjd / period[which] + epoch[which]) % 1
        turn = 2 * np.pi * phase
        # The skewed angle passes the rise faster than the fall.
        faded = -0.5 * np.cos(turn + skew[which] * np.cos(turn))
        faded -= hump[which] * np.exp(-(((phase - hump_at[which]) / _HUMP_WIDTH) ** 2))
        return np.asarray(mean[which, fid - 1] + amplitude[which, fid - 1] * faded)

    return Objects("B/vsx/vsx", ["RRC"] * n, places.ra, places.dec, period, unknown(n), True, mag)
