"""Delta Scuti stars: short periods, several modes, and the few of high amplitude."""

import numpy as np

from starloop.sky.populations.galaxy import apparent, stars
from starloop.sky.populations.objects import Flags, Ints, Objects, Reals, Setting, unknown

_MODES = 5
_HIGH_SHARE = 0.4
_DOUBLE_SHARE = 0.3


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` stars, two in five of them of high amplitude (HADS): far more than in nature, but those are seen.

    HADS pulsate in the fundamental mode, three in ten also in the first overtone, at 0.77 of the period (Petersen and
    Christensen-Dalsgaard 1996, A&A 312, 463). Others have two to five modes in any ratio; amplitudes even in the
    logarithm, by hand. M_V = -2.94 log P - 1.34 (Ziaali et al. 2019, MNRAS 486, 4348). Amplitudes through r and i are
    0.7 and 0.55 of those through g. The period is the strongest mode's.
    """
    high = rng.uniform(size=n) < _HIGH_SHARE
    period = np.clip(10 ** rng.normal(np.where(high, -1.05, -1.2), 0.2), 0.03, 0.25)
    double = rng.uniform(size=n) < _DOUBLE_SHARE
    periods, shares = _modes(rng, period, high, double)
    # From the highest maximum to the lowest minimum that all modes together can make, through g.
    total = np.where(high, rng.uniform(0.3, 0.8, n), 10 ** rng.uniform(np.log10(0.05), np.log10(0.3), n))
    amplitude = total[:, np.newaxis] * np.array([1, 0.7, 0.55])
    skew = np.where(high, rng.uniform(0.4, 0.75, n), rng.uniform(0, 0.15, n))
    # Overtones of low-amplitude stars are brighter than the fundamental mode's relation says.
    scatter = np.where(high, rng.normal(0, 0.15, n), rng.normal(0.2, 0.4, n))
    absolute_r = -2.94 * np.log10(period) - 1.34 - scatter
    places = stars(rng, absolute_r, "thin", setting, faintest=18.5)
    mean = apparent(places, absolute_r + rng.normal(0.1, 0.07, n), absolute_r, absolute_r - rng.normal(0, 0.04, n))
    epochs = rng.uniform(0, 1, (_MODES, n))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        bent = skew[which]
        faded = np.zeros(len(which))
        for mode in range(_MODES):
            turn = 2 * np.pi * ((mjd / periods[mode][which] + epochs[mode][which]) % 1)
            # The skewed angle passes the rise faster than the fall.
            faded -= 0.5 * shares[mode][which] * np.cos(turn + bent * np.cos(turn))
        return np.asarray(mean[which, fid - 1] + amplitude[which, fid - 1] * faded)

    types = np.where(high, "HADS", "DSCT").tolist()
    return Objects("B/vsx/vsx", types, places.ra, places.dec, period, unknown(n), True, mag)


def _modes(rng: np.random.Generator, period: Reals, high: Flags, double: Flags) -> tuple[Reals, Reals]:
    """Draw each mode's period (days) and its share of the amplitude, strongest first: shape (modes, n)."""
    n = len(period)
    ratios = rng.uniform(0.6, 1.6, (_MODES, n))
    relative = 10 ** rng.uniform(-1, -0.1, (_MODES, n))
    relative[np.arange(_MODES)[:, np.newaxis] >= rng.integers(2, _MODES + 1, n)] = 0
    ratios[1] = np.where(high, rng.normal(0.772, 0.003, n), ratios[1])
    relative[1] = np.where(high, double * rng.uniform(0.15, 0.6, n), relative[1])
    relative[2:, high] = 0
    ratios[0] = relative[0] = 1
    return ratios * period, relative / relative.sum(axis=0)
