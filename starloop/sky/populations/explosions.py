"""When and how far transients explode: evenly in time and in volume, out to where they would be too faint to type."""

from dataclasses import dataclass

import numpy as np

from starloop.sky.populations.cosmology import reach, redshift_at
from starloop.sky.populations.galaxy import extinction, extragalactic
from starloop.sky.populations.objects import RED, Ints, Reals, Setting

OVERSAMPLE = 30
"""So many explosions a class draws for each one that it keeps."""

_NEAREST = 0.03  # of the reach; nearer ones are 3 in 100,000


@dataclass(frozen=True)
class Events:
    """Explosions that a survey with a spectrograph would list.

    Parameters
    ----------
    rows : array of shape (n,)
        Which of the drawn explosions each one is.
    ra, dec : array of shape (n,)
        Degrees, ICRS.
    reddening : array of shape (n,)
        E(B-V) of our Galaxy, mag.
    redshift : array of shape (n,)
        Redshift.
    exploded : array of shape (n,)
        Date of the first light, MJD as observed.
    """

    rows: Ints
    ra: Reals
    dec: Reals
    reddening: Reals
    redshift: Reals
    exploded: Reals


def explode(
    rng: np.random.Generator, n: int, peak_r: Reals, seen_days: float, setting: Setting, limit: float = 19.2
) -> Events:
    """Choose `n` of the drawn explosions as a magnitude-limited survey would, each with a place and a date.

    An explosion is chosen in proportion to the volume in which it passes its limit, so bright ones are listed more
    often than they happen. Limits scatter by 0.4 mag: with a mean of 19.2 that is close to the completeness of
    the Bright Transient Survey's spectra (Perley et al. 2020, doi:10.3847/1538-4357/abbd98), 93 % at 18.5 mag and
    75 % at 19. Explosions happen evenly in comoving volume and in observed time: the rates' growth
    with redshift is taken to make up for their time dilation.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n : int
        How many to choose.
    peak_r : array of shape (m,)
        Absolute AB magnitudes at maximum in r, dust of the host included; m at least n, better `OVERSAMPLE` n.
    seen_days : float
        How long before the survey's first night an explosion may still matter.
    setting : Setting
        The survey's span.
    limit : float
        Mean faintest peak magnitude that gets a spectrum.
    """
    ra, dec, reddening = extragalactic(rng, len(peak_r), setting)
    faintest = limit + rng.normal(0, 0.4, len(peak_r)) - extinction(reddening, np.full(len(peak_r), RED))
    edge = reach(faintest - peak_r)
    # The largest n of log(weight) + Gumbel noise are a weighted draw without replacement.
    rows = np.argsort(-3 * np.log(edge) - rng.gumbel(size=len(peak_r)))[:n]
    distance = edge[rows] * np.cbrt(rng.uniform(_NEAREST**3, 1, n))
    exploded = rng.uniform(setting.first_mjd - seen_days, setting.last_mjd, n)
    return Events(rows, ra[rows], dec[rows], reddening[rows], redshift_at(distance), exploded)
