"""Semiregular variables: red giants with two periods and cycles that grow, fade and slip."""

import numpy as np

from starloop.sky.populations.cycles import between, scatter
from starloop.sky.populations.galaxy import apparent, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown

_LONG_SHARE = 0.3


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` semiregular giants of 30 to 250 d, which stay below 2.5 mag.

    The second period is near half or twice the first or, for three in ten, a long secondary one of about nine times
    the first (Wood et al. 1999, IAU Symposium 191, 151). All numbers are by hand: each cycle is 0.5 to 1.5 times as
    high as the mean one and comes early or late by up to a tenth of the period. The period is the first.
    """
    period = np.clip(10 ** rng.normal(1.93, 0.2, n), 30, 250)
    twin = np.where(rng.uniform(size=n) < 0.5, rng.normal(0.53, 0.03, n), rng.normal(1.9, 0.1, n))
    second_period = period * np.where(rng.uniform(size=n) < _LONG_SHARE, rng.normal(9, 1.2, n), twin)
    # Together the two stay below 2.5 mag even when the first one's cycle is at its highest.
    first = np.clip(rng.lognormal(np.log(0.5), 0.5, n), 0.15, 1.2)
    amplitude = np.array([1, 0.75, 0.5])
    second = first * rng.uniform(0.15, 0.5, n)
    heights, delays = scatter(rng, rng.uniform(0.1, 0.25, n)), scatter(rng, rng.uniform(0.02, 0.05, n))
    absolute_r = rng.normal(-1.2, 0.6, n)
    green = absolute_r + np.clip(rng.normal(1.5, 0.15, n), 1.1, 2)
    infrared = absolute_r - np.clip(rng.normal(1.1, 0.35, n), 0.5, 2.2)
    places = stars(rng, absolute_r, "thin", setting, faintest=18.5)
    mean = apparent(places, green, absolute_r, infrared)
    epoch, second_epoch = rng.uniform(0, 1, (2, n))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        even = mjd / period[which] + epoch[which]
        cycles = even + between(delays, which, even)
        height = first[which] * (1 + between(heights, which, cycles))
        swing = -height * np.cos(2 * np.pi * cycles)
        swing -= second[which] * np.cos(2 * np.pi * (mjd / second_period[which] + second_epoch[which]))
        return np.asarray(mean[which, fid - 1] + 0.5 * amplitude[fid - 1] * swing)

    return Objects("B/vsx/vsx", ["SR"] * n, places.ra, places.dec, period, unknown(n), True, mag)
