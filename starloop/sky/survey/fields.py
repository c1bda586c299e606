"""The survey's fields: a grid over the sky, and when each stands high in a dark night."""

import numpy as np

from starloop.sky.populations.galaxy import SOUTHERN_LIMIT_DEG
from starloop.sky.populations.objects import Ints, Reals
from starloop.sky.survey.heavens import PALOMAR_LATITUDE_DEG, PALOMAR_LONGITUDE_DEG, sidereal_deg, sun

_FIELD_DEG = 7.0
_LOWEST_ALTITUDE_DEG = 30.0
_DARK_SUN_DEG = -12.0
# How far the sky turns in a day.
_TURN_DEG = 360.98564736629
# No exposure this many days from the field's transit; and a pair's second image needs this much time after the first.
FOR_A_PAIR, _FROM_TRANSIT = 0.05, 0.2


def _rows() -> tuple[Reals, Ints]:
    """Give the declination of each row of fields, and how many fields go round it."""
    dec = np.arange(SOUTHERN_LIMIT_DEG + _FIELD_DEG / 2, 90, _FIELD_DEG)
    return dec, np.ceil(360 * np.cos(np.radians(dec)) / _FIELD_DEG).astype(np.int64)


def field_centres() -> tuple[Reals, Reals]:
    """Give right ascension and declination of every field's centre, in degrees."""
    dec, around = _rows()
    ra = np.concatenate([(np.arange(number) + 0.5) * 360 / number for number in around])
    return ra, np.repeat(dec, around)


def field_of(ra: Reals, dec: Reals) -> Ints:
    """Give the field that contains each position (degrees, north of the survey's southern limit)."""
    rows, around = _rows()
    row = np.minimum(((dec - SOUTHERN_LIMIT_DEG) / _FIELD_DEG).astype(np.int64), len(rows) - 1)
    first = np.cumsum(around) - around
    return first[row] + (ra / 360 * around[row]).astype(np.int64)


def windows(nights: Reals) -> tuple[Reals, Reals]:
    """Give when a pair of images of each field may begin in each night.

    Parameters
    ----------
    nights : array of shape (nights,)
        The MJD at which each night begins.

    Returns
    -------
    earliest, latest : arrays of shape (nights, fields)
        MJD; NaN where the field is too low while the sky is dark.
    """
    ra, dec = (angle[None, :] for angle in field_centres())
    latitude = np.radians(PALOMAR_LATITUDE_DEG)
    midnight = nights[:, None] - PALOMAR_LONGITUDE_DEG / 360
    sun_ra, sun_dec = sun(midnight)
    # True midnight is up to a quarter of an hour from the mean one.
    midnight = midnight + ((sun_ra - sidereal_deg(midnight)) % 360 - 180) / _TURN_DEG
    half_night = 0.5 - _hours_above(_DARK_SUN_DEG, sun_dec, latitude)
    transit = midnight + ((ra - sidereal_deg(midnight) + 180) % 360 - 180) / _TURN_DEG
    reach = np.minimum(_hours_above(_LOWEST_ALTITUDE_DEG, dec, latitude) * 360 / _TURN_DEG, _FROM_TRANSIT)
    earliest = np.maximum(midnight - half_night, transit - reach)
    latest = np.minimum(midnight + half_night, transit + reach) - FOR_A_PAIR
    seen = latest > earliest
    return np.where(seen, earliest, np.nan), np.where(seen, latest, np.nan)


def _hours_above(altitude_deg: float, dec_deg: Reals, latitude: float) -> Reals:
    """Give how long before its transit a declination rises above an altitude, in its own days."""
    dec = np.radians(dec_deg)
    cosine = (np.sin(np.radians(altitude_deg)) - np.sin(latitude) * np.sin(dec)) / (np.cos(latitude) * np.cos(dec))
    return np.asarray(np.arccos(np.clip(cosine, -1, 1)) / (2 * np.pi))
