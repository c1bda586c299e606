"""Superluminous supernovae: blue, slow and far; many wave on their way down.

SLSN-I follow Chen et al. (2023, doi:10.3847/1538-4357/aca161): they rise in 42 +- 18 d, and those that rise slowly fade
slowly; the ones their survey listed have M_g near -21.5. SLSN-II are a little fainter and redder. Curves and
the waves' size are drawn by hand.
"""

from functools import cache

import numpy as np

from starloop.sky.populations.explosions import OVERSAMPLE, explode
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.templates import HOST_EXTINCTION, curves, observed, stretched

_SEEN_DAYS = 350.0
_RISE = 40.0  # the table's days
_SHARE_I = 0.6
_LIMIT = 19.5  # such long-lived ones get their spectra down to fainter magnitudes
_COLOUR = np.array([-0.15, -0.15, 0.0, 0.15])  # u g r i, over r, each at its brightest


@cache
def _curves() -> Reals:
    return curves(
        [0, 3, 8, 15, 22, 30, 40, 50, 60, 80, 100, 130, 170, 250, 400, 500],
        [9, 3.9, 2.1, 0.95, 0.38, 0.05, 0.02, 0.35, 0.80, 1.70, 2.50, 3.35, 4.2, 5.5, 7.8, 9.2],
        [9, 4.0, 2.3, 1.15, 0.56, 0.18, 0.00, 0.14, 0.40, 1.02, 1.66, 2.45, 3.3, 4.6, 6.7, 8.0],
        [9, 4.1, 2.4, 1.25, 0.66, 0.24, 0.02, 0.04, 0.20, 0.66, 1.16, 1.85, 2.7, 4.0, 6.1, 7.5],
        [9, 4.2, 2.5, 1.30, 0.72, 0.29, 0.04, 0.02, 0.14, 0.52, 0.96, 1.60, 2.4, 3.7, 5.8, 7.2],
    )


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` superluminous supernovae, by volume three SLSN-I for two SLSN-II."""
    drawn = OVERSAMPLE * n
    poor = rng.uniform(size=drawn) < _SHARE_I
    host = rng.exponential(0.04, drawn)
    red = np.where(poor, rng.normal(-20.9, 0.55, drawn), rng.normal(-20.5, 0.45, drawn))
    red = np.minimum(red, -19.8)
    tint = np.where(poor, rng.normal(1.0, 0.4, drawn), rng.normal(0.4, 0.4, drawn))
    peak = red[:, None] + _COLOUR * tint[:, None] + rng.normal(0, 0.04, (drawn, 4))
    # At these redshifts the survey's r is the host's g.
    events = explode(rng, n, peak[:, 1] + HOST_EXTINCTION[1] * host, _SEEN_DAYS, setting, _LIMIT)

    chosen = events.rows
    rise = np.clip(rng.lognormal(np.log(42), 0.35, n), 18, 85) / _RISE
    fall = rise**0.7 * rng.lognormal(0, 0.2, n)
    smooth = stretched(_curves(), np.zeros(n, dtype=np.int64), peak[chosen], np.full(n, _RISE), rise, fall)
    height = np.where(rng.uniform(size=n) < 0.5, rng.uniform(0.05, 0.2, n), 0)
    turning = 2 * np.pi / rng.uniform(25, 60, n)

    def rest(which: Ints, day: Reals, band: Ints) -> Reals:
        after = np.maximum(day - _RISE * rise[which], 0)
        waves = height[which] * np.minimum(after / 20, 1) * np.sin(turning[which] * after)
        return np.asarray(smooth(which, day, band) + waves)

    types = np.where(poor[chosen], "SLSN-I", "SLSN-II").tolist()
    mag = observed(events, rest, host[chosen])
    return Objects("BTS", types, events.ra, events.dec, unknown(n), events.redshift, False, mag)
