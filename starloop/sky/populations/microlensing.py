"""Microlensing: a dark mass passes before a star and magnifies it, once, in all colours alike."""

import numpy as np

from starloop.sky.populations.galaxy import Stars, extinction, galactic_latitude, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, by_filter, unknown

_CANDIDATES = 12


def magnification(separation: Reals) -> Reals:
    """Give the magnification of a point source by a point lens, `separation` in Einstein radii.

    Paczynski 1986, doi:10.1086/164140.
    """
    squared = separation**2
    return np.asarray((squared + 2) / (separation * np.sqrt(squared + 4)))


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` events with closest approaches of 0.005 to 0.6 Einstein radii inside the span; no catalogue lists them.

    Point source, point lens, no parallax. Einstein times are log-normal around 20 d (0.35 dex); neighbours of another
    colour blend into the source, so that the colour changes a little. Sources are giants and turn-off stars, preferred
    where they are far and near the plane, as lenses lie in front of them; times, blends and preference drawn by hand.
    """
    absolute_r = np.clip(rng.normal(2.5, 1.5, n * _CANDIDATES), -0.5, 5.0)
    placed = stars(rng, absolute_r, "thin", setting, brightest=14.0, faintest=19.5)
    chance = 10 ** (placed.modulus / 5) * np.exp(-np.abs(galactic_latitude(placed.ra, placed.dec)) / 8)
    rows = np.argsort(rng.exponential(size=len(chance)) / chance)[:n]
    placed = Stars(placed.ra[rows], placed.dec[rows], placed.modulus[rows], placed.reddening[rows])
    mean_r = absolute_r[rows] + placed.modulus
    g_r = np.clip(rng.normal(0.6, 0.15, n), 0.25, 1.0)
    closest, peak = rng.uniform(0.005, 0.6, n), rng.uniform(setting.first_mjd, setting.last_mjd, n)
    einstein_time = 10 ** rng.normal(np.log10(20), 0.35, n)
    # The source's share of the light in r, and how much redder the rest is.
    share, redder = 1 - 0.8 * rng.uniform(size=n) ** 2, rng.normal(0.1, 0.3, n)
    others = ((1 - share) / share)[:, None] * 10 ** (0.4 * redder[:, None] * np.array([-1.0, 0.0, 0.4]))
    shares = 1 / (1 + others)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        magnified = magnification(np.hypot(closest[which], (mjd - peak[which]) / einstein_time[which]))
        colour = by_filter(fid, g_r[which], 0.0, 0.05 - 0.4 * g_r[which])
        alone = mean_r[which] + colour + extinction(placed.reddening[which], fid)
        return np.asarray(alone - 2.5 * np.log10(1 + shares[which, fid - 1] * (magnified - 1)))

    return Objects(None, [""] * n, placed.ra, placed.dec, unknown(n), unknown(n), in_reference=True, mag=mag)
