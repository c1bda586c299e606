"""Classical Cepheids: saw-teeth whose bump walks through the cycle as the period grows."""

import numpy as np

from starloop.sky.populations.cycles import half_turns
from starloop.sky.populations.galaxy import apparent, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown

_BUMP_WIDTH = 0.06


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` fundamental-mode Cepheids of 2.2 to 50 d in the thin disc.

    M_r = -2.8 (log P - 1) - 4.2 and the colours are turned by hand from the Galactic V and I relations of
    Fouque et al. (2007, doi:10.1051/0004-6361:20078187). Amplitudes through r and i are 0.65 and 0.5 of those
    through g; they and the shapes are drawn by hand.
    """
    log_p = np.clip(rng.normal(0.76, 0.24, n), np.log10(2.2), np.log10(50))
    # The smallest amplitudes are at 10 d, where the bump meets the maximum.
    middle = np.exp(-(((log_p - 1) / 0.1) ** 2))
    amplitude = np.clip(1.0 - 0.35 * middle + rng.normal(0, 0.15, n), 0.35, 1.6)[:, np.newaxis] * np.array(
        [1, 0.65, 0.5]
    )
    rise = np.clip(0.27 + 0.15 * middle + rng.normal(0, 0.02, n), 0.2, 0.5)
    place_of_bump = bump_at(log_p)
    bump = 0.16 * np.exp(-(((log_p - 0.98) / 0.22) ** 4))
    absolute_r = -2.8 * (log_p - 1) - 4.2 + rng.normal(0, 0.12, n)
    warmth = rng.normal(0, 0.06, n)
    green = absolute_r + 0.5 + 0.25 * (log_p - 1) + warmth
    infrared = absolute_r - 0.18 - 0.1 * (log_p - 1) - warmth / 2
    places = stars(rng, absolute_r, "thin", setting)
    mean = apparent(places, green, absolute_r, infrared)
    period = 10**log_p
    epoch = rng.uniform(0, 1, n)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        cycles = mjd / period[which] + epoch[which]
        faded = -0.5 * np.cos(np.pi * half_turns(cycles, rise[which]))
        from_bump = (cycles - place_of_bump[which] + 0.5) % 1 - 0.5
        faded -= bump[which] * np.exp(-((from_bump / _BUMP_WIDTH) ** 2))
        return np.asarray(mean[which, fid - 1] + amplitude[which, fid - 1] * faded)

    return Objects("B/vsx/vsx", ["DCEP"] * n, places.ra, places.dec, period, unknown(n), True, mag)


def bump_at(log_p: Reals) -> Reals:
    """Give the phase of the bump of the Hertzsprung progression; maximum light is at 0.

    On the descending branch from 6 to 9 d, at maximum at 10 d, on the rise above (after Bono, Marconi and
    Stellingwerf 2000, A&A 360, 245; the numbers by hand).
    """
    return np.asarray(np.clip(np.where(log_p < 1, -2.1, -1.0) * (log_p - 1), -0.22, 0.5))
