"""Stripped-envelope supernovae, SN Ib and SN Ic: redder and fainter than SN Ia, without a second maximum in i.

Widths and colours are near those of Drout et al. (2011, doi:10.1088/0004-637X/741/2/97): r fades by about 0.4 to
1 mag in the 15 d after maximum, g - r is near 0.35 then, hosts are dusty. Magnitudes are near those that Richardson
et al. (2014, doi:10.1088/0004-6256/147/5/118) corrected for selection, with a narrower scatter. Curves are drawn by
hand.
"""

from functools import cache

import numpy as np

from starloop.sky.populations.explosions import OVERSAMPLE, explode
from starloop.sky.populations.objects import Objects, Reals, Setting, unknown
from starloop.sky.populations.templates import HOST_EXTINCTION, curves, observed, stretched

RISE_DAYS = 18.0
"""From first light to maximum in r, in the table's days."""

_SEEN_DAYS = 100.0
_SHARE_IB = 0.5
_COLOUR = np.array([0.9, 0.32, 0.0, 0.03])  # u g r i at the brightest of each, over r


@cache
def stripped_curves() -> Reals:
    """Draw the mean curves of a star without its hydrogen: powered by nickel, g ahead of r ahead of i."""
    return curves(
        [0, 1, 3, 6, 9, 12, 15, 18, 23, 28, 33, 38, 48, 58, 78, 118, 168, 318],
        [10, 5.4, 3.0, 1.25, 0.45, 0.06, 0.05, 0.35, 1.25, 2.05, 2.60, 2.95, 3.35, 3.6, 3.95, 4.6, 5.5, 8.5],
        [9, 5.3, 3.1, 1.45, 0.62, 0.18, 0.00, 0.06, 0.46, 0.98, 1.44, 1.80, 2.22, 2.45, 2.80, 3.45, 4.4, 7.2],
        [9, 5.4, 3.2, 1.65, 0.80, 0.30, 0.07, 0.00, 0.14, 0.40, 0.70, 0.99, 1.48, 1.85, 2.35, 3.15, 4.2, 7.2],
        [9, 5.6, 3.5, 1.90, 1.00, 0.42, 0.13, 0.02, 0.06, 0.25, 0.50, 0.76, 1.22, 1.58, 2.10, 2.90, 3.9, 6.9],
    )


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` supernovae; by volume as many SN Ib as SN Ic."""
    drawn = OVERSAMPLE * n
    of_ib = rng.uniform(size=drawn) < _SHARE_IB
    host = rng.exponential(0.15, drawn)
    red = np.where(of_ib, rng.normal(-17.4, 0.7, drawn), rng.normal(-17.6, 0.75, drawn))
    peak = red[:, None] + _COLOUR * np.maximum(rng.normal(1, 0.25, (drawn, 1)), 0) + rng.normal(0, 0.05, (drawn, 4))
    events = explode(rng, n, peak[:, 2] + HOST_EXTINCTION[2] * host, _SEEN_DAYS, setting)

    chosen = events.rows
    # Broad ones rise slowly and fall slowly.
    pace = rng.normal(0, 0.18, n)
    rise, fall = (np.exp(np.clip(pace + rng.normal(0, 0.08, n), -0.45, 0.55)) for _ in range(2))
    rest = stretched(stripped_curves(), np.zeros(n, dtype=np.int64), peak[chosen], np.full(n, RISE_DAYS), rise, fall)
    types = np.where(of_ib[chosen], "SN Ib", "SN Ic").tolist()
    mag = observed(events, rest, host[chosen])
    return Objects("BTS", types, events.ra, events.dec, unknown(n), events.redshift, False, mag)
