"""Blazars: a jet seen end on, which wanders by whole magnitudes within days to months and sometimes flares."""

import numpy as np

from starloop.sky.populations.galaxy import extinction, extragalactic
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.outbursts import enough, recurring
from starloop.sky.populations.qso import FILTERS, WAVELENGTH
from starloop.sky.populations.random_walk import covered, damped

_STEP_DAYS = 0.25
_NO_LINES = 0.4  # share without a redshift
_FLARES_APART = (100.0, 300.0, 1500.0)  # fewest, typical and most days
_RISING_TIMES = 4.0
_BLUER = np.array([0.05, 0.0, -0.04])  # how much more a magnitude of change is in g and i than in r


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` BL Lac objects: a damped random walk with rare flares on a featureless red spectrum.

    A damped random walk describes blazars too (Ruan et al. 2012, doi:10.1088/0004-637X/760/1/51). Here its memory
    (3 to 100 d), its deviation (0.15 to 0.8 mag), the flares and the spectral slopes are drawn by hand; the host
    galaxy is left out. Each flare rises and fades exponentially, faster up than down.
    """
    ra, dec, reddening = extragalactic(rng, n, setting)
    redshift = np.clip(rng.lognormal(np.log(0.35), 0.5, n), 0.03, 1.5)
    redshift[rng.uniform(size=n) < _NO_LINES] = np.nan
    deviation = np.clip(rng.lognormal(np.log(0.32), 0.4, n), 0.15, 0.8)
    memory = np.clip(rng.lognormal(np.log(25), 0.9, n), 3, 100)
    walks = damped(rng, deviation, memory, setting, _STEP_DAYS)

    slope = np.clip(rng.normal(1.2, 0.3, n), 0.5, 2.0)
    colours = 2.5 * slope * np.log10(WAVELENGTH[1] / WAVELENGTH)[:, np.newaxis]
    # Counts rise towards the faint end as 10**(0.3 mag).
    faint_r = np.log10(rng.uniform(10 ** (0.3 * 14.5), 10 ** (0.3 * 19.3), n)) / 0.3
    mean = faint_r + colours + extinction(reddening, FILTERS)

    span = covered(setting)
    fewest, typical, most = _FLARES_APART
    shape = (n, enough(fewest, most, span))
    interval = np.clip(rng.exponential(typical, shape), fewest, most)
    flares = recurring(interval[:, 0] * rng.uniform(size=n), interval, span)
    height = flares.pick(rng.uniform(0.4, 1.5, shape))
    fading = flares.pick(np.exp(rng.uniform(np.log(3), np.log(15), shape)))
    rising = flares.pick(rng.uniform(0.3, 0.8, shape)) * fading

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        flare, since = flares.last(which, mjd)
        # A flare begins some rising times before its top.
        past_top = since - _RISING_TIMES * rising[flare]
        shine = height[flare] * np.exp(-np.abs(past_top) / np.where(past_top < 0, rising[flare], fading[flare]))
        change = walks.at(which, mjd) - shine
        return np.asarray(mean[fid - 1, which] + (1 + _BLUER[fid - 1]) * change)

    return Objects("B/vsx/vsx", ["BLLAC"] * n, ra, dec, unknown(n), redshift, True, mag)
