"""Supernovae with hydrogen: plateaus (SN IIP) and steady declines (SN II), SN IIb with two peaks, slow SN IIn."""

from functools import cache

import numpy as np

from starloop.sky.populations.explosions import OVERSAMPLE, explode
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.sn_ibc import RISE_DAYS, stripped_curves
from starloop.sky.populations.templates import HOST_EXTINCTION, curves, observed, stretched

_SEEN_DAYS = 160.0
# Of those listed by the Bright Transient Survey (Perley et al. 2020, doi:10.3847/1538-4357/abbd98), about.
_SHARE_IIB, _SHARE_IIN = 0.10, 0.12

# Mag a day in r, and days: what declines more slowly for longer is called SN IIP, when it is followed so far.
_FLAT, _LONG = 0.010, 85.0
_SHARE_FOLLOWED = 0.5
_HOT, _COOL = np.array([0.0, -0.15, 0.0, 0.15]), np.array([3.0, 1.0, 0.0, -0.2])  # u g r i, over r

_COOLING = np.array([-0.7, -0.35, 0.0, 0.25])  # the hot envelope of a SN IIb: u g r i, over r
_HEATING_DAYS = 0.5
_IIB_COLOUR = np.array([0.9, 0.35, 0.0, 0.05])

_IIN_RISE = 20.0
_IIN_COLOUR = np.array([0.25, 0.05, 0.0, 0.03])


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` supernovae of type II, of all four kinds."""
    family = rng.choice(3, n, p=(1 - _SHARE_IIB - _SHARE_IIN, _SHARE_IIB, _SHARE_IIN))
    parts = [
        draw(rng, int(np.sum(family == number)), setting) for number, draw in enumerate((_plateaus, _two_peaks, _slow))
    ]
    place = np.empty(n, dtype=np.int64)
    for number, part in enumerate(parts):
        place[family == number] = np.arange(len(part))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        mags = np.empty(np.shape(mjd))
        for number, part in enumerate(parts):
            mine = family[which] == number
            mags[mine] = part.mag(place[which[mine]], mjd[mine], fid[mine])
        return mags

    order = np.argsort(np.argsort(family, kind="stable"))
    types = [name for part in parts for name in part.types]
    ra, dec, redshift = (
        np.concatenate([getattr(part, name) for part in parts])[order] for name in ("ra", "dec", "redshift")
    )
    return Objects("BTS", [types[row] for row in order], ra, dec, unknown(n), redshift, False, mag)


def _plateaus(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw SNe IIP and their faster kin: a rise of days, a plateau, a fall and a tail powered by cobalt.

    The plateau's end is the Fermi function of Valenti et al. (2016, doi:10.1093/mnras/stw870). Plateaus last
    84 +- 17 d, bright ones decline faster (Anderson et al. 2014, doi:10.1088/0004-637X/786/1/67, in V; r is taken to
    decline at 0.55 of V's pace). Colours cool as drawn by hand.
    """
    drawn = OVERSAMPLE * n
    host = rng.exponential(0.08, drawn)
    absolute = np.clip(rng.normal(-16.7, 0.8, drawn), -18.7, -14.5)
    events = explode(rng, n, absolute + HOST_EXTINCTION[2] * host, _SEEN_DAYS, setting)

    host, absolute = host[events.rows], absolute[events.rows]
    slope = np.clip(0.007 - 0.005 * (absolute + 17.0) + rng.normal(0, 0.004, n), -0.001, 0.035)
    length = np.clip(rng.normal(98, 12, n) - 1000 * (slope - 0.007), 60, 130)
    fall = np.clip(rng.normal(1.9, 0.3, n), 1.0, 2.8)
    width = rng.uniform(3.5, 7, n)
    rise = np.clip(rng.normal(8, 2, n), 3, 14) * 0.45
    pace = rng.normal(42, 7, n)
    hot = _HOT + rng.normal(0, 0.06, (n, 4)) + absolute[:, None]
    cooled = (_COOL - _HOT) * rng.normal(1, 0.12, (n, 1))

    def rest(which: Ints, day: Reals, band: Ints) -> Reals:
        spent = np.minimum(day, length[which])
        up = -2.5 * np.log10(-np.expm1(-((day / rise[which]) ** 1.5)) + 1e-12)
        ended = fall[which] / (1 + np.exp(np.clip((length[which] - day) / width[which], -50, 50)))
        cooling = cooled[which, band] * -np.expm1(-day / pace[which])
        # Cobalt-56 fades by 0.0098 mag a day.
        fading = slope[which] * spent + 0.0098 * (day - spent)
        return np.asarray(hot[which, band] + up + fading + ended + cooling)

    followed = rng.uniform(size=n) < _SHARE_FOLLOWED
    types = np.where(followed & (slope < _FLAT) & (length > _LONG), "SN IIP", "SN II").tolist()
    mag = observed(events, rest, host)
    return Objects("BTS", types, events.ra, events.dec, unknown(n), events.redshift, False, mag)


def _two_peaks(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw SNe IIb: a stripped star's curve, and before it, when the envelope is wide, days of hot cooling.

    As SN 1993J (Richmond et al. 1994, AJ 107, 1022); the first peak's height and length are set by hand.
    """
    drawn = OVERSAMPLE * n
    host = rng.exponential(0.1, drawn)
    absolute = rng.normal(-17.0, 0.6, drawn)
    events = explode(rng, n, absolute + HOST_EXTINCTION[2] * host, _SEEN_DAYS, setting)

    peak = absolute[events.rows, None] + _IIB_COLOUR + rng.normal(0, 0.06, (n, 4))
    rise, fall = np.clip(rng.normal(1.15, 0.1, n), 0.9, 1.4), np.clip(rng.normal(1.0, 0.1, n), 0.75, 1.3)
    nickel = stretched(stripped_curves(), np.zeros(n, dtype=np.int64), peak, np.full(n, RISE_DAYS), rise, fall)
    wide = rng.uniform(size=n) < 0.5
    first = absolute[events.rows] + np.where(wide, rng.normal(-0.1, 0.5, n), rng.normal(3.0, 0.7, n))
    hot = first[:, None] + _COOLING
    fading = 1.086 / rng.uniform(1.8, 4.0, n)

    def rest(which: Ints, day: Reals, band: Ints) -> Reals:
        cooling = hot[which, band] + fading[which] * day - 2.5 * np.log10(-np.expm1(-day / _HEATING_DAYS) + 1e-12)
        later = nickel(which, day, band)
        # The sum of two fluxes, in magnitudes.
        return np.asarray(later - 2.5 * np.log10(1 + 10 ** np.clip(0.4 * (later - cooling), -20, 20)))

    mag = observed(events, rest, host[events.rows])
    return Objects("BTS", ["SN IIb"] * n, events.ra, events.dec, unknown(n), events.redshift, False, mag)


@cache
def _interacting_curves() -> Reals:
    return curves(
        [0, 1, 3, 6, 10, 14, 20, 30, 40, 60, 80, 120, 200, 350, 500],
        [9, 4.0, 2.1, 1.00, 0.38, 0.09, 0.00, 0.35, 0.75, 1.45, 2.05, 2.95, 4.3, 6.4, 8.5],
        [9, 4.0, 2.2, 1.10, 0.44, 0.12, 0.00, 0.17, 0.44, 0.98, 1.45, 2.25, 3.4, 5.3, 7.2],
        [9, 4.1, 2.3, 1.20, 0.50, 0.15, 0.00, 0.10, 0.30, 0.72, 1.10, 1.80, 2.8, 4.6, 6.4],
        [9, 4.2, 2.4, 1.25, 0.55, 0.18, 0.00, 0.08, 0.26, 0.65, 1.03, 1.72, 2.8, 4.6, 6.4],
    )


def _slow(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw SNe IIn: bright and slow, by shocks in gas around the star.

    They rise in 20 +- 6 or 50 +- 11 d, and those that rise slowly decline slowly (Nyholm et al. 2020,
    doi:10.1051/0004-6361/201936097). Curves are drawn by hand.
    """
    drawn = OVERSAMPLE * n
    host = rng.exponential(0.06, drawn)
    absolute = np.clip(rng.normal(-18.4, 0.8, drawn), -20.8, -16.5)
    events = explode(rng, n, absolute + HOST_EXTINCTION[2] * host, _SEEN_DAYS, setting)

    lasting = rng.uniform(size=n) < 0.35
    days = np.where(lasting, np.maximum(rng.normal(50, 11, n), 25), np.maximum(rng.normal(20, 6, n), 8))
    rise = days / _IIN_RISE
    fall = rise**0.5 * rng.lognormal(0, 0.3, n)
    peak = absolute[events.rows, None] + _IIN_COLOUR * rng.normal(1, 1, (n, 1)) + rng.normal(0, 0.05, (n, 4))
    rest = stretched(_interacting_curves(), np.zeros(n, dtype=np.int64), peak, np.full(n, _IIN_RISE), rise, fall)
    mag = observed(events, rest, host[events.rows])
    return Objects("BTS", ["SN IIn"] * n, events.ra, events.dec, unknown(n), events.redshift, False, mag)
