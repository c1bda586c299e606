"""Positions on the sky: they are context and groups, never features themselves."""

import numpy as np

from starloop.features.screening import Reals

# The north galactic pole of the IAU system, deg (J2000).
POLE_RA, POLE_DEC = 192.85948, 27.12825


def galactic_latitude(ra: Reals, dec: Reals) -> Reals:
    """Give the galactic latitude (deg) of positions (deg, J2000).

    Blaauw et al. 1960 (doi:10.1093/mnras/121.2.123), with the pole of the Hipparcos catalogue (ESA SP-1200, volume 1,
    section 1.5.3).
    """
    north, pole = np.radians(dec), np.radians(POLE_DEC)
    sine = np.sin(north) * np.sin(pole) + np.cos(north) * np.cos(pole) * np.cos(np.radians(ra - POLE_RA))
    latitude: Reals = np.degrees(np.arcsin(sine.clip(-1.0, 1.0)))
    return latitude


def separation(ra: Reals, dec: Reals, other_ra: Reals, other_dec: Reals) -> Reals:
    """Give the angle (arcsec) between positions (deg) that are close to each other."""
    east = (np.mod(other_ra - ra + 180.0, 360.0) - 180.0) * np.cos(np.radians(dec))
    angle: Reals = np.hypot(east, other_dec - dec) * 3600.0
    return angle
