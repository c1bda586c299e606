"""Dwarf novae: discs that fill up for weeks, then shine for days; in SU UMa stars some outbursts are longer."""

import numpy as np

from starloop.sky.populations.galaxy import extinction, stars
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.outbursts import enough, recurring
from starloop.sky.populations.random_walk import covered, damped

_SHORTEST_DAYS, _LONGEST_DAYS = 15.0, 200.0  # mean time between outbursts
_REST_DAYS = 4.0  # at least so long in quiescence
_PLATEAU_FADES = 0.1  # mag/d
_PLATEAUS_DAYS = ((0.5, 2.5), (4.0, 8.0), (9.0, 14.0))  # brief, long and super-outbursts
_SUPER_BRIGHTER = 0.7  # mag
_BLUE_AT = 2.0  # mag above quiescence where the colours are those of outburst
_STEADIER = 0.8  # share of the flicker that drowns in an outburst
_FLICKERS = 3  # sinusoids that together look like flicker


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` dwarf novae, half of them U Gem (UGSS) and half SU UMa stars (UGSU).

    Outbursts come back after 15 to 200 d, never quite regularly, so no period is catalogued. Their height grows with
    the time between them (Kukarkin-Parenago) and their absolute magnitude at maximum follows the orbital period
    (both: Warner 1987, doi:10.1007/BF00654967); the final fading is slower in wider binaries (Bailey's relation).
    Durations of plateaus, scatters, colours and flicker are drawn by hand.
    """
    ugsu = rng.uniform(size=n) < 0.5
    orbit_hours = np.where(ugsu, rng.uniform(1.3, 2.1, n), rng.uniform(3.5, 8.0, n))
    between = np.clip(rng.lognormal(np.log(45), 0.6, n), 1.1 * _SHORTEST_DAYS, 0.9 * _LONGEST_DAYS)
    usual = np.clip(0.7 + 1.9 * np.log10(between) + rng.normal(0, 0.5, n), 2.2, 4.8)
    quiet_r = 5.64 - 0.259 * orbit_hours + rng.normal(0, 0.3, n) + usual
    place = stars(rng, quiet_r, "thin", setting, 16.0, 21.0)
    apparent_r = quiet_r + place.modulus

    span = covered(setting)
    shape = (n, enough(_SHORTEST_DAYS, 2 * _LONGEST_DAYS, span))
    every = rng.integers(4, 10, (n, 1))
    superb = ugsu[:, np.newaxis] & ((np.arange(shape[1]) + rng.integers(0, 10, (n, 1))) % every == 0)
    # U Gem stars have short and long outbursts; normal ones of SU UMa stars are short.
    long = ~ugsu[:, np.newaxis] & (rng.uniform(size=shape) < 0.4)
    brief, normal, lengthy = (rng.uniform(*days, shape) for days in _PLATEAUS_DAYS)
    plateau = np.select([superb, long], [lengthy, normal], brief)
    height = usual[:, np.newaxis] + rng.normal(0, 0.15, shape) + _SUPER_BRIGHTER * superb
    rise = rng.uniform(0.6, 1.6, shape)
    fading = (1 / (0.53 * orbit_hours**0.84))[:, np.newaxis]  # mag/d
    lasts = rise + plateau + (height - _PLATEAU_FADES * plateau) / fading
    interval = np.maximum(between[:, np.newaxis] * rng.lognormal(0, 0.25, shape), lasts + _REST_DAYS)
    outbursts = recurring(interval[:, 0] * rng.uniform(size=n), np.maximum(interval, _SHORTEST_DAYS), span)
    top, climb, flat = (outbursts.pick(drawn) for drawn in (height, rise, plateau))
    fades = fading[:, 0]

    dust = extinction(place.reddening, np.array([[GREEN], [RED], [INFRARED]]))
    zero = np.zeros(n)
    calm = apparent_r + dust + np.stack([rng.normal(0.5, 0.06, n), zero, rng.normal(-0.3, 0.08, n)])
    hot = apparent_r + dust + np.stack([rng.normal(0, 0.05, n), zero, rng.normal(0.05, 0.04, n)])
    frequency = np.exp(rng.uniform(np.log(4), np.log(80), (_FLICKERS, n)))  # cycles/d
    phase = rng.uniform(0, 1, (_FLICKERS, n))
    flicker = rng.uniform(0.02, 0.08, n)
    mood = damped(rng, rng.uniform(0.05, 0.15, n), np.exp(rng.uniform(np.log(3), np.log(30), n)), setting, 0.5)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        event, since = outbursts.last(which, mjd)
        past = since - climb[event]
        # Rise, plateau and fading are three lines, each lowest in its own time.
        steep = top[event] - _PLATEAU_FADES * flat[event] - fades[which] * (past - flat[event])
        up = np.minimum(np.minimum(top[event] * since / climb[event], top[event] - _PLATEAU_FADES * past), steep)
        up = np.maximum(up, 0)
        blue = np.minimum(up / _BLUE_AT, 1)
        turns = (frequency[k][which] * since + phase[k][which] for k in range(_FLICKERS))
        restless = flicker[which] * sum(np.sin(2 * np.pi * turn) for turn in turns) + mood.at(which, mjd)
        quiet, change = calm[fid - 1, which], hot[fid - 1, which] - calm[fid - 1, which]
        return np.asarray(quiet + change * blue - up + (1 - _STEADIER * blue) * restless)

    types = np.where(ugsu, "UGSU", "UGSS").tolist()
    return Objects("B/vsx/vsx", types, place.ra, place.dec, unknown(n), unknown(n), True, mag)
