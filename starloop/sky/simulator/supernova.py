"""Supernovae: thermonuclear (SN Ia) with stretch and colour, and hydrogen-rich (SN II) with a plateau."""

import numpy as np

from starloop.sky.simulator.cosmology import distance_modulus, draw_redshift
from starloop.sky.simulator.population import GREEN, Ints, Objects, Reals, unknown
from starloop.sky.simulator.survey import FIRST_NIGHT, LAST_NIGHT

_NOT_YET = 99.0
# Magnitudes below maximum against rest-frame days from it, drawn by hand to look like SALT2's mean in g and r
# (Guy et al. 2007, doi:10.1051/0004-6361:20066930): r pauses 20 to 25 d after maximum, g does not.
_DAY = np.array([-17.5, -16.5, -15, -12, -10, -7, -4, 0, 5, 10, 15, 20, 25, 30, 40, 60, 100, 150, 300])
_G = np.array([9, 5.2, 3.5, 1.55, 0.85, 0.33, 0.1, 0, 0.12, 0.42, 0.85, 1.33, 1.82, 2.2, 2.62, 3.05, 3.85, 4.9, 8.0])
_R = np.array([9, 5.0, 3.3, 1.45, 0.8, 0.32, 0.1, 0, 0.08, 0.38, 0.64, 0.73, 0.85, 1.13, 1.72, 2.42, 3.75, 5.2, 9.0])


def _explosion(rng: np.random.Generator, n: int, before: float) -> Reals:
    """Draw explosion dates whose rate triples from `before` days ahead of the first night to the last one.

    The tilt keeps enough young supernovae for the last nights of a short sky.
    """
    first, last = FIRST_NIGHT.begin - before, LAST_NIGHT.end
    return first + (last - first) * (np.sqrt(1 + 8 * rng.uniform(size=n)) - 1) / 2


def make_ia(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` SNe Ia: M = -19.3 + 3.1 c - 0.14 x1, as Guy et al. 2007 standardise them."""
    redshift = draw_redshift(rng, n, 0.1)
    stretch = np.clip(rng.normal(1.0, 0.1, n), 0.7, 1.25)
    colour = rng.normal(0.02, 0.09, n) + rng.exponential(0.05, n)
    absolute = -19.3 + 3.1 * colour - 1.4 * (stretch - 1) + rng.normal(0, 0.12, n)
    peak_g = absolute + distance_modulus(redshift)
    maximum = _explosion(rng, n, 40) + 17.5 * stretch * (1 + redshift)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        day = (mjd - maximum[which]) / (1 + redshift[which]) / stretch[which]
        green = fid == GREEN
        below = np.where(green, np.interp(day, _DAY, _G), np.interp(day, _DAY, _R) + 0.08 - 0.9 * colour[which])
        return np.where(day < _DAY[0], _NOT_YET, peak_g[which] + below)

    return Objects("BTS", ["SN Ia"] * n, unknown(n), redshift, False, mag)


def make_ii(rng: np.random.Generator, n: int) -> Objects:
    """Draw `n` SNe II: a rise of days, a plateau, a fall and a tail powered by cobalt.

    The plateau's end is the Fermi function of Valenti et al. 2016 (doi:10.1093/mnras/stw870); peak magnitudes,
    slopes and lengths follow Anderson et al. 2014 (doi:10.1088/0004-637X/786/1/67).
    """
    redshift = draw_redshift(rng, n, 0.045)
    absolute = np.clip(rng.normal(-17.1, 0.7, n), -18.8, -15.5)
    slope = np.clip(0.009 - 0.007 * (absolute + 17.1) + rng.normal(0, 0.004, n), 0.0, 0.03)
    length = np.clip(rng.normal(100, 14, n) - 900 * (slope - 0.009), 55, 130)
    fall = rng.normal(1.9, 0.3, n)
    rise = np.clip(rng.normal(7, 2, n), 3, 14)
    reddening = rng.exponential(0.06, n)
    peak_r = absolute + 2.3 * reddening + distance_modulus(redshift)
    exploded = _explosion(rng, n, 60)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        day = (mjd - exploded[which]) / (1 + redshift[which])
        started = np.maximum(day, 1e-3)
        up = -2.5 * np.log10(1 - np.exp(-((started / (0.45 * rise[which])) ** 1.5)))
        ended = fall[which] / (1 + np.exp(-np.clip((day - length[which]) / 6, -50, 50)))
        # Photospheric cooling: blue at first, g - r = 1 by the end of the plateau.
        cooling = -0.15 + 1.15 * (1 - np.exp(-started / 40)) + reddening[which]
        decline = np.where(day < length[which], slope[which] * day, slope[which] * length[which])
        tail = 0.0098 * np.maximum(day - length[which], 0)
        below = up + decline + ended + tail + np.where(fid == GREEN, cooling, 0)
        return np.where(day <= 0, _NOT_YET, peak_r[which] + below)

    return Objects("BTS", ["SN II"] * n, unknown(n), redshift, False, mag)
