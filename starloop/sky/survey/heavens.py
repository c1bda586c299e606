"""Where things stand above Palomar: the Sun, the Moon, airmass, and light's way across the Earth's orbit."""

import numpy as np

from starloop.sky.populations.objects import Reals

PALOMAR_LATITUDE_DEG, PALOMAR_LONGITUDE_DEG = 33.356, -116.863

_J2000_MJD = 51544.5
_TILT = np.radians(23.439)
_NEW_MOON_MJD, _SYNODIC_MONTH_DAYS = 58843.218, 29.530589
_LIGHT_DAYS_PER_AU = 499.004784 / 86400
_LOWEST_SINE = 0.3


def _sun_longitude(mjd: Reals) -> Reals:
    """Give the Sun's ecliptic longitude in radians, good to 0.01 deg (Astronomical Almanac, page C5)."""
    days = mjd - _J2000_MJD
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = 280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly)
    return np.asarray(np.radians(longitude))


def _on_the_ecliptic(longitude: Reals) -> tuple[Reals, Reals]:
    """Give right ascension and declination, in degrees, of a longitude (radians) on the ecliptic."""
    ra = np.degrees(np.arctan2(np.cos(_TILT) * np.sin(longitude), np.cos(longitude))) % 360
    return ra, np.degrees(np.arcsin(np.sin(_TILT) * np.sin(longitude)))


def sun(mjd: Reals) -> tuple[Reals, Reals]:
    """Give the Sun's right ascension and declination in degrees."""
    return _on_the_ecliptic(_sun_longitude(mjd))


def _moon_age(mjd: Reals) -> Reals:
    """Give the angle from the Sun to the Moon, in radians, from the mean month and the new moon of 2019-12-26."""
    return np.asarray(2 * np.pi * (mjd - _NEW_MOON_MJD) / _SYNODIC_MONTH_DAYS)


def moon(mjd: Reals) -> tuple[Reals, Reals]:
    """Give the Moon's right ascension and declination in degrees, on a mean orbit in the ecliptic: good to 10 deg."""
    return _on_the_ecliptic(_sun_longitude(mjd) + _moon_age(mjd))


def moonlight(mjd: Reals) -> Reals:
    """Give the illuminated fraction of the Moon."""
    return np.asarray(0.5 - 0.5 * np.cos(_moon_age(mjd)))


def sidereal_deg(mjd: Reals) -> Reals:
    """Give the local mean sidereal time at Palomar, in degrees."""
    return np.asarray((280.46061837 + 360.98564736629 * (mjd - _J2000_MJD) + PALOMAR_LONGITUDE_DEG) % 360)


def sine_of_altitude(mjd: Reals, ra: Reals, dec: Reals) -> Reals:
    """Give the sine of the altitude at Palomar of positions in degrees."""
    hour_angle, latitude = np.radians(sidereal_deg(mjd) - ra), np.radians(PALOMAR_LATITUDE_DEG)
    sine = np.sin(latitude) * np.sin(np.radians(dec))
    return np.asarray(sine + np.cos(latitude) * np.cos(np.radians(dec)) * np.cos(hour_angle))


def airmass(mjd: Reals, ra: Reals, dec: Reals) -> Reals:
    """Give the airmass at Palomar, as the secant of the zenith distance."""
    return np.asarray(1 / np.maximum(sine_of_altitude(mjd, ra, dec), _LOWEST_SINE))


def to_sun_days(mjd: Reals, ra: Reals, dec: Reals) -> Reals:
    """Give what is added to a time on Earth to make it heliocentric, in days, for a circular orbit."""
    longitude = _sun_longitude(mjd)
    star_ra, star_dec = np.radians(ra), np.radians(dec)
    along = np.cos(longitude) * np.cos(star_ra) + np.sin(longitude) * np.cos(_TILT) * np.sin(star_ra)
    return np.asarray(
        -_LIGHT_DAYS_PER_AU * (along * np.cos(star_dec) + np.sin(longitude) * np.sin(_TILT) * np.sin(star_dec))
    )
