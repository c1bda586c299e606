"""Thermonuclear supernovae: standardised by stretch and colour, with a few subluminous 91bg-like and bright 91T-like.

Stretch, colour and magnitude follow SALT2 (Guy et al. 2007, doi:10.1051/0004-6361:20066930) with the slopes of
Betoule et al. (2014, doi:10.1051/0004-6361/201423413). The mean curves are drawn by hand to look like SALT2's in u, g
and r and like those of the Carnegie Supernova Project in i (Folatelli et al. 2010, doi:10.1088/0004-6256/139/1/120):
i has a second maximum 25 d after the first, r a shoulder, g neither. The shares of the kinds by volume are about
those of Li et al. (2011, doi:10.1111/j.1365-2966.2011.18160.x).
"""

from functools import cache

import numpy as np

from starloop.sky.populations.explosions import OVERSAMPLE, explode
from starloop.sky.populations.objects import Objects, Reals, Setting, unknown
from starloop.sky.populations.templates import HOST_EXTINCTION, curves, observed, stretched

_SEEN_DAYS = 100.0

_NORMAL, _LIKE_91T, _LIKE_91BG = 0, 1, 2
_SHARES = (0.80, 0.06, 0.14)  # by volume; 91bg-like ones are seen over a tenth of it
_RISE = np.array([18.0, 18.0, 13.5])  # rest-frame days from first light to maximum in B

_ALPHA, _BETA = 0.14, 3.1
_PEAK = np.array([-18.80, -19.25, -19.15, -18.55])  # AB, u g r i, for x1 = c = 0 and H0 = 70 km/s/Mpc
_PEAK_91BG = np.array([-16.1, -17.3, -17.75, -17.75])
# How much fainter than B a redder colour c makes each band, less what `_BETA` already says of B: after SALT2's law.
_COLOUR_LAW = np.array([0.55, -0.35, -1.45, -1.95])


@cache
def _curves() -> Reals:
    normal = curves(
        [0, 1, 2, 3, 6, 8, 11, 14, 18, 23, 28, 33, 38, 43, 48, 58, 78, 118, 168, 318],
        [10, 6.0, 4.6, 3.6, 1.6, 0.80, 0.22, 0.02, 0.05, 0.42, 0.98, 1.60, 2.25, 2.75, 3.05, 3.35, 3.75, 4.4, 5.2, 7.5],
        [9, 5.6, 4.3, 3.4, 1.6, 0.90, 0.36, 0.09, 0.00, 0.10, 0.38, 0.79, 1.27, 1.76, 2.15, 2.60, 3.05, 3.85, 4.8, 7.3],
        [9, 5.5, 4.2, 3.3, 1.5, 0.85, 0.35, 0.10, 0.00, 0.08, 0.36, 0.61, 0.72, 0.85, 1.12, 1.72, 2.42, 3.70, 5.0, 7.8],
        [9, 5.5, 4.2, 3.3, 1.5, 0.75, 0.24, 0.02, 0.06, 0.27, 0.55, 0.64, 0.52, 0.42, 0.55, 1.20, 2.00, 3.30, 4.6, 7.2],
    )
    like_91bg = curves(
        [0, 1, 2, 3.5, 6.5, 9.5, 13.5, 18.5, 23.5, 28.5, 33.5, 43.5, 73.5, 113.5, 313.5],
        [10, 5.8, 4.0, 2.5, 0.85, 0.18, 0.0, 0.85, 1.75, 2.30, 2.60, 3.00, 3.8, 4.7, 9.0],
        [9, 5.2, 3.6, 2.2, 0.85, 0.22, 0.0, 0.50, 1.25, 1.85, 2.20, 2.65, 3.5, 4.6, 9.0],
        [9, 5.3, 3.7, 2.3, 1.00, 0.35, 0.0, 0.16, 0.62, 1.12, 1.55, 2.15, 3.4, 4.7, 9.5],
        [9, 5.4, 3.8, 2.4, 1.10, 0.45, 0.06, 0.0, 0.32, 0.72, 1.10, 1.75, 3.0, 4.3, 9.0],
    )
    return np.concatenate([normal, normal, like_91bg])


def _stretch(x1: Reals) -> Reals:
    """Turn SALT2's x1 into a stretch of time (Guy et al. 2007, section 6)."""
    return 0.98 + 0.091 * x1 + 0.003 * x1**2 - 0.00075 * x1**3


def _two_sided(rng: np.random.Generator, n: int, mode: float, below: float, above: float) -> Reals:
    """Draw from a normal distribution with one width on either side of its mode."""
    lower = rng.uniform(size=n) < below / (below + above)
    return mode + np.abs(rng.normal(size=n)) * np.where(lower, -below, above)


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` type Ia supernovae.

    x1 and c have two-sided normal distributions with shapes after Scolnic & Kessler
    (2016, doi:10.3847/2041-8205/822/2/L35), widths rounded by hand. The colour c holds the dust of the host too.
    """
    drawn = OVERSAMPLE * n
    kind = rng.choice(3, drawn, p=_SHARES)
    bright, faint = kind == _LIKE_91T, kind == _LIKE_91BG
    x1 = np.clip(_two_sided(rng, drawn, 0.5, 1.2, 0.6), -3, 2.5)
    x1 = np.where(bright, np.clip(rng.normal(1.2, 0.4, drawn), 0, 2.5), x1)
    colour = np.clip(_two_sided(rng, drawn, -0.06, 0.04, 0.11), -0.2, 0.45)
    grey = rng.normal(0, 0.11, drawn) - 0.2 * bright
    normal = _PEAK + (grey - _ALPHA * x1)[:, None] + colour[:, None] * (_BETA + _COLOUR_LAW)
    # The faint ones are red by nature; their dust is that of old galaxies: little.
    dust = rng.exponential(0.04, drawn)[:, None] * HOST_EXTINCTION
    subluminous = _PEAK_91BG + rng.normal(0, 0.35, (drawn, 1)) + dust
    peak = np.where(faint[:, None], subluminous, normal) + rng.normal(0, 0.03, (drawn, 4))
    pace = np.where(faint, rng.normal(1, 0.06, drawn), _stretch(x1))
    events = explode(rng, n, peak[:, 2], _SEEN_DAYS, setting)

    chosen = events.rows
    rise = pace[chosen] * rng.normal(1, 0.04, n)
    rest = stretched(_curves(), kind[chosen], peak[chosen], _RISE[kind[chosen]], rise, pace[chosen])
    mag = observed(events, rest, np.zeros(n))
    return Objects("BTS", ["SN Ia"] * n, events.ra, events.dec, unknown(n), events.redshift, False, mag)
