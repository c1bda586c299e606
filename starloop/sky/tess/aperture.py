"""The pixels a star's light is summed in: how many, what share of the star they catch, who else shines into them.

The flux scale is that of Sullivan et al. (2015, doi:10.1088/0004-637X/809/1/77), as is the zodiacal light. The size
of the apertures, the share of the star in them and the neighbours are drawn by hand around what SPOC's files say.
"""

from dataclasses import dataclass

import numpy as np

from starloop.sky.populations.galaxy import galactic_latitude
from starloop.sky.populations.objects import INFRARED, Objects, Reals
from starloop.sky.tess.sectors import ecliptic

ZERO_POINT = 20.44
"""TESS magnitude of a star that gives one electron a second: 15,000 at magnitude 10."""

# The band (600 to 1000 nm) is centred where ZTF's i is; TESS magnitudes are Vega's, which has 0.35 mag (AB) in it.
_VEGA_AB = 0.35
_PIXEL_ARCSEC, _COLLECTING_CM2 = 21.1, 69.0


@dataclass(frozen=True)
class Aperture:
    """One star's aperture in one sector.

    Parameters
    ----------
    pixels : int
        How many.
    fraction : float
        Share of the star's light in them (FLFRCSAP).
    crowding : float
        Share of the light in them that is the star's, as the catalogue has it (CROWDSAP).
    neighbours : float
        What other stars really give in them, electrons a second.
    zodiacal : float
        Background without scattered light, electrons a second in a pixel.
    """

    pixels: int
    fraction: float
    crowding: float
    neighbours: float
    zodiacal: float


def electrons(objects: Objects, which: int, mjd: Reals) -> Reals:
    """Give all of an object's light in TESS's band, electrons a second, at times of any shape (days, MJD).

    The TESS magnitude is taken as the AB magnitude in i less 0.35: right to about a tenth of a magnitude from A to
    K stars; the emission lines of young stars and quasars are not followed.
    """
    flat = mjd.ravel()
    mag = objects.mag(np.full(len(flat), which), flat, np.full(len(flat), INFRARED)) - _VEGA_AB
    return np.asarray(10 ** (-0.4 * (mag - ZERO_POINT))).reshape(mjd.shape)


def tess_mag(flux: float) -> float:
    """Turn electrons a second into a TESS magnitude."""
    return float(ZERO_POINT - 2.5 * np.log10(flux))


def draw(rng: np.random.Generator, flux: float, ra: float, dec: float) -> Aperture:
    """Draw the aperture of a star of so many electrons a second at a position in degrees."""
    pixels = int(np.clip(np.rint(rng.normal(7 + 2 * (14.3 - tess_mag(flux)), 1.5)), 3, 30))
    fraction = float(np.clip(1 - np.exp(-pixels / 5.4) + rng.normal(0, 0.03), 0.3, 0.97))
    # Counts of faint stars rise towards the plane about as the sight line's length through the disc.
    latitude = np.abs(galactic_latitude(np.array([ra]), np.array([dec])))[0]
    crowd = 1 / max(np.sin(np.radians(latitude)), 0.1)
    told = 2.5 * pixels * crowd * np.exp(rng.normal(0, 0.8))
    return Aperture(
        pixels,
        fraction,
        crowding=float(fraction * flux / (fraction * flux + told)),
        neighbours=float(told * np.exp(rng.normal(0, 0.1))),
        zodiacal=_zodiacal(ecliptic(ra, dec)[1]),
    )


def _zodiacal(latitude: float) -> float:
    """Give the zodiacal light at an ecliptic latitude (degrees), electrons a second in a pixel."""
    surface = 23.345 - 1.148 * ((abs(latitude) - 90) / 90) ** 2
    return float(2.56e-3 * 10 ** (-0.4 * (surface - 22.8)) * _COLLECTING_CM2 * _PIXEL_ARCSEC**2)
