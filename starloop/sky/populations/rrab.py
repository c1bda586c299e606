"""RR Lyrae stars of type ab: a steep rise, a slow decline, amplitude falling with period."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from starloop.sky.populations.galaxy import Stars, apparent, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, unknown

_THICK_SHARE = 0.25
_SECOND_GROUP_SHARE = 0.25
_BLAZHKO_SHARE = 0.3

# One cycle from maximum light (0) to minimum (1), with the bump just before the rise; drawn by hand after the
# templates of Sesar et al. (2010, doi:10.1088/0004-637X/708/1/717).
_PHASE = np.array([0, 0.02, 0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.68, 0.74, 0.8, 0.84, 0.88, 0.91, 0.94, 0.97, 1.0])
_FADED = np.array(
    [0, 0.02, 0.12, 0.28, 0.45, 0.61, 0.73, 0.82, 0.89, 0.94, 0.93, 0.96, 1.0, 0.97, 0.78, 0.42, 0.11, 0.0]
)
_RISE = 0.16


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` RRab stars of both Oosterhoff groups.

    V amplitudes follow the Bailey diagram's line of the first group (Zorotovic et al. 2010,
    doi:10.1088/0004-6256/139/2/357); the second group's is moved by 0.07 in log P. Amplitudes through g, r and i are
    1.12, 0.79 and 0.63 of V's (after Sesar et al. 2010). M_r = 0.6 +- 0.15 mag, g-r = 0.22, r-i = 0.06. Three in ten
    change height and phase over a Blazhko period of weeks to months (shares and sizes by hand).
    """
    second = rng.uniform(size=n) < _SECOND_GROUP_SHARE
    period = np.clip(rng.normal(np.where(second, 0.65, 0.555), 0.05), 0.43, 0.85)
    log_p = np.log10(period) - np.where(second, 0.07, 0)
    in_v = np.clip(-2.627 - 22.046 * log_p - 30.876 * log_p**2 + rng.normal(0, 0.09, n), 0.25, 1.4)
    amplitude = in_v[:, np.newaxis] * np.array([1.12, 0.79, 0.63])
    # Low amplitudes rise less steeply.
    rise = np.clip(0.24 - 0.08 * in_v + rng.normal(0, 0.015, n), 0.1, 0.28)
    absolute_r = rng.normal(0.6, 0.15, n)
    places = old_stars(rng, absolute_r, setting)
    mean = apparent(places, absolute_r + rng.normal(0.22, 0.05, n), absolute_r, absolute_r - rng.normal(0.06, 0.03, n))
    epoch = rng.uniform(0, 1, n)
    blazhko = rng.uniform(size=n) < _BLAZHKO_SHARE
    slow_period, slow_epoch = np.clip(rng.lognormal(np.log(55), 0.5, n), 15, 250), rng.uniform(0, 1, n)
    change, shift = np.where(blazhko, rng.uniform(0.05, 0.3, n), 0), np.where(blazhko, rng.uniform(0, 0.02, n), 0)

    phases = np.linspace(0, 1, 513)
    template = PchipInterpolator(_PHASE, _FADED)(phases)
    template -= template[:-1].mean()

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        slow = 2 * np.pi * (mjd / slow_period[which] + slow_epoch[which])
        phase = (mjd / period[which] + epoch[which] + shift[which] * np.sin(slow)) % 1
        begins = 1 - rise[which]
        stretched = np.where(phase < begins, phase * (1 - _RISE) / begins, 1 - (1 - phase) * _RISE / (1 - begins))
        height = amplitude[which, fid - 1] * (1 + change[which] * np.cos(slow))
        return np.asarray(mean[which, fid - 1] + height * np.interp(stretched, phases, template))

    return Objects("B/vsx/vsx", ["RRAB"] * n, places.ra, places.dec, period, unknown(n), True, mag)


def old_stars(rng: np.random.Generator, absolute_r: Reals, setting: Setting) -> Stars:
    """Draw places for RR Lyrae stars of mean absolute magnitude `absolute_r`: halo, and a quarter thick disc."""
    halo = stars(rng, absolute_r, "halo", setting, faintest=19.8)
    disc = stars(rng, absolute_r, "thick", setting, faintest=19.8)
    in_disc = rng.uniform(size=len(absolute_r)) < _THICK_SHARE
    return Stars(
        ra=np.where(in_disc, disc.ra, halo.ra),
        dec=np.where(in_disc, disc.dec, halo.dec),
        modulus=np.where(in_disc, disc.modulus, halo.modulus),
        reddening=np.where(in_disc, disc.reddening, halo.reddening),
    )
