"""Miras: red giants that swing by magnitudes, no two maxima alike."""

import numpy as np

from starloop.sky.populations.cycles import between, half_turns, scatter
from starloop.sky.populations.galaxy import apparent, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` Miras of 100 to 500 d, which by definition exceed 2.5 mag in the visual.

    The definition is the GCVS's (Samus et al. 2017, doi:10.1134/S1063772917010085). All numbers are by hand: long
    periods have larger amplitudes, redder colours and steeper rises; heights of maxima scatter by 0.1 to 0.5 mag
    from cycle to cycle, their times by some hundredths of the period. M_r is near -1 at all periods: the longer,
    the brighter, but the more of it lost to molecules.
    """
    period = np.clip(rng.lognormal(np.log(270), 0.3, n), 100, 500)
    longer = (period - 100) / 400
    green_amplitude = np.clip(rng.normal(3.6 + 1.2 * longer, 0.7), 2.5, 6)
    amplitude = green_amplitude[:, np.newaxis] * np.array([1, 0.8, 0.55])
    rise = np.clip(rng.normal(0.49 - 0.1 * longer, 0.03), 0.3, 0.55)
    heights, delays = scatter(rng, rng.uniform(0.1, 0.5, n)), scatter(rng, rng.uniform(0.01, 0.035, n))
    absolute_r = rng.normal(-1, 0.7, n)
    green = absolute_r + np.clip(rng.normal(1.8 + 0.8 * longer, 0.25), 1.5, 3)
    infrared = absolute_r - np.clip(rng.normal(1.9 + 1.0 * longer, 0.3), 1.5, 3.5)
    places = stars(rng, absolute_r, "thin", setting, brightest=13.5, faintest=18.5)
    mean = apparent(places, green, absolute_r, infrared)
    epoch = rng.uniform(0, 1, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        even = mjd / period[which] + epoch[which]
        cycles = even + between(delays, which, even)
        faded = -0.5 * np.cos(np.pi * half_turns(cycles, rise[which]))
        # A cycle's own height is felt at its maximum, not at the minima beside it.
        own = between(heights, which, cycles) * (0.5 - faded)
        swing = amplitude[which, fid - 1]
        return np.asarray(mean[which, fid - 1] + swing * faded + own * swing / green_amplitude[which])

    return Objects("B/vsx/vsx", ["M"] * n, places.ra, places.dec, period, unknown(n), True, mag)
