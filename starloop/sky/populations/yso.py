"""Young stars: matter that falls in gusts, dust that passes in front, spots that rotate."""

import numpy as np

from starloop.sky.populations.galaxy import Stars, extinction, galactic_latitude, stars
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.outbursts import enough, recurring
from starloop.sky.populations.random_walk import covered, damped

_FARTHEST_DEG = 20.0  # clouds where stars form lie this near the plane
_TRIED = 4
_STEP_DAYS = 0.25
_BURSTS_APART = (4.0, 12.0, 60.0)  # fewest, typical and most days
# Change in g, r and i for a magnitude in r: hot accretion is bluer, dust is redder, spots are cool.
_HOT = np.array([1.35, 1.0, 0.75])
_DUSTY = np.array([3.30, 2.31, 1.71]) / 2.31
_COOL = np.array([1.2, 1.0, 0.85])


def _place(rng: np.random.Generator, absolute_r: Reals, setting: Setting) -> Stars:
    """Place stars in the thin disc near the plane: of several tries each, the first `n` that are near."""
    tried = stars(rng, np.tile(absolute_r, _TRIED), "thin", setting, 13.0, 19.0)
    far = np.abs(galactic_latitude(tried.ra, tried.dec)) > _FARTHEST_DEG
    n = len(absolute_r)
    chosen = n * np.argmin(far.reshape(_TRIED, n), axis=0) + np.arange(n)
    return Stars(tried.ra[chosen], tried.dec[chosen], tried.modulus[chosen], tried.reddening[chosen])


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` young stars with discs: classical T Tauri stars with accretion bursts (CTTS), irregular dippers (INS).

    Both wander as accretion does and turn with their spots in 2 to 12 d. The kinds of light curve are those of
    Cody et al. (2014, doi:10.1088/0004-6256/147/4/82); sizes, memories and colours are drawn by hand. What repeats
    does so too badly to be catalogued with a period.
    """
    ctts = rng.uniform(size=n) < 0.6
    absolute_r = rng.uniform(4, 7, n)
    own_dust = np.minimum(rng.exponential(0.3, n), 1.2)  # E(B-V) of the star's own surroundings
    place = _place(rng, absolute_r + extinction(own_dust, np.array(2)), setting)
    warm = (7 - absolute_r) / 3
    colours = np.stack([1.3 - 0.6 * warm, np.zeros(n), -0.7 + 0.4 * warm])
    dust = extinction(place.reddening + own_dust, np.array([[GREEN], [RED], [INFRARED]]))
    mean = absolute_r + place.modulus + colours + dust

    memory = np.exp(rng.uniform(np.log(1.5), np.log(np.where(ctts, 12, 5))))
    gusts = damped(rng, np.clip(rng.lognormal(np.log(0.11), 0.6, n), 0.03, 0.4), memory, setting, _STEP_DAYS)

    turn = np.exp(rng.uniform(np.log(2), np.log(12), n))
    start = rng.uniform(size=n)
    spot = rng.uniform(0.02, 0.12, n)
    depth = np.where(ctts, 0.0, rng.uniform(0.1, 1.0, n))
    width = rng.uniform(0.06, 0.16, n)
    # Dips come at each turn, deep or shallow as the disc's inner edge changes.
    edge = damped(rng, np.full(n, 0.4), 2.5 * turn, setting, 4 * _STEP_DAYS)

    span = covered(setting)
    fewest, typical, most = _BURSTS_APART
    shape = (n, enough(fewest, most, span))
    interval = np.clip(rng.exponential(typical, shape), fewest, most)
    bursts = recurring(interval[:, 0] * rng.uniform(size=n), interval, span)
    typical_height = np.where(ctts, rng.uniform(0.05, 0.6, n), 0.0)
    height = bursts.pick(typical_height[:, np.newaxis] * rng.uniform(0.3, 1.8, shape))
    fading = bursts.pick(rng.uniform(0.4, 1.3, shape))

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        burst, since = bursts.last(which, mjd)
        # Up within about half the fading time, to a top near `height`.
        rising = since / fading[burst]
        shine = 2.6 * height[burst] * (np.exp(-rising) - np.exp(-3 * rising))
        turns = (mjd - span[0]) / turn[which] + start[which]
        apart = (turns - np.round(turns)) / width[which]
        dip = depth[which] * np.clip(0.6 + edge.at(which, mjd), 0, 1.5) * np.exp(-0.5 * apart**2)
        dark = spot[which] * np.cos(2 * np.pi * turns)
        hot = _HOT[fid - 1] * (gusts.at(which, mjd) - shine)
        return np.asarray(mean[fid - 1, which] + hot + _DUSTY[fid - 1] * dip + _COOL[fid - 1] * dark)

    types = np.where(ctts, "CTTS", "INS").tolist()
    return Objects("B/vsx/vsx", types, place.ra, place.dec, unknown(n), unknown(n), True, mag)
