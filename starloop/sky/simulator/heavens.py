"""Where things stand: directions on the sky, the Sun, the Moon, and light's way across the Earth's orbit."""

import numpy as np

from starloop.sky.simulator.population import Reals

PALOMAR_LATITUDE_DEG, PALOMAR_LONGITUDE_DEG = 33.356, -116.863
_GALACTIC_POLE_DEG = (192.85948, 27.12825)
_J2000_MJD = 51544.5
_LIGHT_DAYS_PER_AU = 499.004784 / 86400


def galactic_latitude(ra: Reals, dec: Reals) -> Reals:
    """Give the galactic latitude of equatorial positions; all in degrees."""
    pole_ra, pole_dec = np.radians(_GALACTIC_POLE_DEG)
    sine = np.sin(np.radians(dec)) * np.sin(pole_dec)
    sine = sine + np.cos(np.radians(dec)) * np.cos(pole_dec) * np.cos(np.radians(ra) - pole_ra)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1, 1))))


def sun(mjd: Reals) -> tuple[Reals, Reals]:
    """Give the Sun's right ascension and declination in degrees, good to 0.01 deg (Astronomical Almanac, page C5)."""
    days = mjd - _J2000_MJD
    anomaly = np.radians(357.528 + 0.9856003 * days)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2 * anomaly))
    tilt = np.radians(23.439)
    ra = np.degrees(np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))) % 360
    return ra, np.degrees(np.arcsin(np.sin(tilt) * np.sin(longitude)))


def moonlight(mjd: Reals) -> Reals:
    """Give the illuminated fraction of the Moon, from the mean synodic month and the new moon of 2019-12-26."""
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * (mjd - 58843.218) / 29.530589))


def sidereal_deg(mjd: Reals) -> Reals:
    """Give the local mean sidereal time at Palomar, in degrees."""
    return np.asarray((280.46061837 + 360.98564736629 * (mjd - _J2000_MJD) + PALOMAR_LONGITUDE_DEG) % 360)


def to_sun_days(mjd: Reals, ra: Reals, dec: Reals) -> Reals:
    """Give what is added to a time on Earth to make it heliocentric, in days, for a circular orbit."""
    sun_ra, sun_dec = (np.radians(angle) for angle in sun(mjd))
    star_ra, star_dec = np.radians(ra), np.radians(dec)
    cosine = np.sin(sun_dec) * np.sin(star_dec) + np.cos(sun_dec) * np.cos(star_dec) * np.cos(sun_ra - star_ra)
    return np.asarray(-_LIGHT_DAYS_PER_AU * cosine)
