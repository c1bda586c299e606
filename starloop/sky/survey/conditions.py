"""How deep and how sharp an exposure is: the night, airmass, seeing and the Moon.

The constants are drawn by hand, so that limits resemble those of public ZTF alerts: medians near 20.4 in g and 20.25
in r, a magnitude less in g and two thirds less in r under a full Moon, and a long tail of shallow images.
"""

import numpy as np

from starloop.sky.populations.objects import Ints, Reals, by_filter
from starloop.sky.survey.exposures import Exposures, in_order
from starloop.sky.survey.fields import field_centres
from starloop.sky.survey.heavens import airmass, moon, moonlight, sine_of_altitude

_SEEING_ARCSEC, _SEEING_POWER = 2.0, 0.6
_HIGH_MOON_SINE = 0.3


def moon_glare(mjd: Reals) -> Reals:
    """Give how much the Moon lights up the sky, from 0 to 1 (full and high).

    Faster than the illuminated fraction, since a full Moon's surface is also brighter than a half Moon's
    (after Krisciunas & Schaefer 1991, doi:10.1086/132921).
    """
    above = np.clip(sine_of_altitude(mjd, *moon(mjd)) / _HIGH_MOON_SINE, 0, 1)
    return np.asarray(moonlight(mjd) ** 2.5 * above)


def taken(
    rng: np.random.Generator, field: Ints, mjd: Reals, fid: Ints, night_depth: Reals, night_seeing: Reals
) -> Exposures:
    """Give exposures their airmass, seeing and limit, and put them in order.

    Parameters
    ----------
    field, mjd, fid : arrays of shape (n,)
        As in `Exposures`.
    night_depth, night_seeing : arrays of shape (n,)
        How much deeper than usual the exposure's night is (mag), and its seeing as a share of the usual.
    """
    ra, dec = field_centres()
    above = airmass(mjd, ra[field], dec[field])
    seeing = _SEEING_ARCSEC * night_seeing * rng.lognormal(0, 0.11, len(mjd)) * above**_SEEING_POWER
    limit = by_filter(fid, 21.0, 20.78, 20.4) + night_depth
    limit = limit - by_filter(fid, 1.15, 0.72, 0.45) * moon_glare(mjd) - by_filter(fid, 0.18, 0.1, 0.06) * (above - 1)
    # The wider a star's image, the more sky lies under it.
    limit = limit - 2.5 * np.log10(seeing / _SEEING_ARCSEC)
    # Thin clouds, the chip's place in the field and crowding.
    limit = limit + rng.normal(0, 0.06, len(mjd)) - rng.gamma(0.3, 0.45, len(mjd))
    return in_order(Exposures(field, mjd, fid, limit, above, seeing))
