"""What the surface of a star sends through ZTF's g, r and i: blackbodies, tied to the Sun's magnitudes."""

import numpy as np

from starloop.sky.populations.objects import Reals

SUN_MAG = np.array([5.11, 4.65, 4.53])
"""The Sun's absolute AB magnitudes in SDSS g, r and i (Willmer 2018, doi:10.3847/1538-4365/aabfdf)."""

_SUN_K = 5772.0
_PHOTON_K = 14_388.0 / np.array([0.472, 0.634, 0.789])

# Colours of dwarfs against absolute r magnitude, drawn by hand through SDSS's stellar locus.
_ABSOLUTE_R = np.array([2.0, 3.0, 4.0, 4.65, 5.5, 6.3, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0])
_G_R = np.array([0.0, 0.2, 0.33, 0.46, 0.62, 0.85, 1.12, 1.36, 1.43, 1.46, 1.5, 1.55])
_R_I = np.array([-0.08, 0.02, 0.08, 0.12, 0.2, 0.31, 0.44, 0.66, 0.9, 1.15, 1.4, 1.7])


def photon_ratio(temperature: Reals) -> Reals:
    """Give photon energy over thermal energy for each filter: shape (...,) in kelvin to shape (..., 3)."""
    return np.asarray(_PHOTON_K / np.asarray(temperature, dtype=np.float64)[..., None])


def brightness(temperature: Reals) -> Reals:
    """Give the surface brightness of a blackbody over the Sun's: shape (...,) in kelvin to shape (..., 3).

    A star of radius R (solar radii) has the absolute magnitudes ``SUN_MAG - 2.5 log10(R**2 * brightness)``. Without
    the Balmer jump and the molecules, stars of 10,000 K are 0.2 mag too red in g-r, those below 4,000 K too blue.
    """
    return np.asarray(np.expm1(_PHOTON_K / _SUN_K) / np.expm1(photon_ratio(temperature)))


def dwarf_colours(absolute_r: Reals) -> tuple[Reals, Reals]:
    """Give g-r and r-i (mag, unreddened) of main-sequence stars of M_r 2 to 12."""
    return np.interp(absolute_r, _ABSOLUTE_R, _G_R), np.interp(absolute_r, _ABSOLUTE_R, _R_I)
