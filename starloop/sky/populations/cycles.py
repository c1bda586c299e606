"""Clocks of pulsating stars: unequal rise and fall, and cycles that are not alike."""

import numpy as np

from starloop.sky.populations.objects import Ints, Reals

REMEMBERED = 64
"""Cycles after which what `scatter` drew comes again."""


def half_turns(cycles: Reals, rise: Reals) -> Reals:
    """Turn cycles into half turns of a clock that is fast on the rise.

    Parameters
    ----------
    cycles : array
        Cycles since any maximum of light.
    rise : array
        Share of the cycle from minimum to maximum.

    Returns
    -------
    array
        0 at maximum, 1 at minimum, 2 at the next maximum; ``-cos(pi * ...)`` is a light curve without kinks.
    """
    phase = cycles % 1
    fall = 1 - rise
    return np.asarray(np.where(phase < fall, phase / fall, 1 + (phase - fall) / rise))


def scatter(rng: np.random.Generator, sigma: Reals) -> Reals:
    """Draw how each cycle of each star departs from the mean: shape (n, `REMEMBERED`), within two sigma."""
    return np.clip(rng.standard_normal((len(sigma), REMEMBERED)), -2, 2) * sigma[:, np.newaxis]


def between(departures: Reals, which: Ints, cycles: Reals) -> Reals:
    """Pass smoothly from one cycle's departure to the next's: a pure function of star and time.

    Parameters
    ----------
    departures : array of shape (n, REMEMBERED)
        As `scatter` draws them.
    which, cycles : array of one shape
        The star, and the cycles since a maximum; the departure is reached at whole numbers.
    """
    whole = np.floor(cycles)
    part = cycles - whole
    first = whole.astype(np.int64) % REMEMBERED
    here = departures[which, first]
    return np.asarray(here + part * part * (3 - 2 * part) * (departures[which, (first + 1) % REMEMBERED] - here))
