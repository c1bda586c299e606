"""Quasars: a damped random walk whose size and memory depend on luminosity and black-hole mass."""

import numpy as np

from starloop.sky.populations.cosmology import distance_modulus
from starloop.sky.populations.galaxy import extinction, extragalactic
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Ints, Objects, Reals, Setting, unknown
from starloop.sky.populations.random_walk import Walks, damped

WAVELENGTH = np.array([4746.48, 6366.38, 7829.03])
"""Effective wavelengths of ZTF's g, r and i, Angstrom (after the SVO filter profile service)."""

FILTERS = np.array([[GREEN], [RED], [INFRARED]])
"""One row a filter."""

_VARIES_WITH_WAVELENGTH = -0.479
LOUDER = (WAVELENGTH / WAVELENGTH[1]) ** _VARIES_WITH_WAVELENGTH
"""How much more than in r a quasar varies in g, r and i (MacLeod et al. 2010, equation 7)."""

# Spectrum: flux density falls as frequency**-0.5, so colours are the same at any redshift; no lines, no forest.
_SLOPE = -0.5
COLOURS = 2.5 * _SLOPE * np.log10(WAVELENGTH / WAVELENGTH[1])
_I_TO_B = 0.35  # from i (AB) to photographic b_J (Vega) for that spectrum
_STEP_DAYS = 1.0


def draw(
    rng: np.random.Generator,
    n: int,
    redshifts: tuple[float, float],
    absolute: tuple[float, float],
    apparent: tuple[float, float],
) -> tuple[Reals, Reals]:
    """Draw redshifts and absolute magnitudes from the luminosity function, within limits.

    The function is the double power law with luminosity evolution of Croom et al. (2004,
    doi:10.1111/j.1365-2966.2004.07619.x), fitted at 0.4 < z < 2.1 and used a little beyond.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    n : int
        Number of objects.
    redshifts, absolute, apparent : tuple of float
        Limits of redshift, absolute i and apparent r magnitude.

    Returns
    -------
    redshift, absolute_i : array of shape (n,)
    """
    z, z_step = np.linspace(*redshifts, 300, retstep=True)
    mag, mag_step = np.linspace(*absolute, 200, retstep=True)
    comoving = 10 ** (distance_modulus(z) / 5) / (1 + z)
    brighter = (mag + _I_TO_B)[:, np.newaxis] - (-21.61 - 2.5 * (1.39 * z - 0.29 * z**2))
    density = np.gradient(comoving**3) / (10 ** (-0.924 * brighter) + 10 ** (-0.036 * brighter))
    seen = apparent_r(mag[:, np.newaxis], z)
    total = np.cumsum(np.where((seen > apparent[0]) & (seen < apparent[1]), density, 0.0))
    row, column = np.divmod(np.searchsorted(total, rng.uniform(0, total[-1], n)), len(z))
    shaken = rng.uniform(-0.5, 0.5, (2, n))
    return z[column] + shaken[0] * z_step, mag[row] + shaken[1] * mag_step


def apparent_r(absolute_i: Reals, redshift: Reals) -> Reals:
    """Give the apparent r magnitude, before dust, of the power-law spectrum."""
    stretched = -2.5 * (1 + _SLOPE) * np.log10(1 + redshift)
    return np.asarray(absolute_i - COLOURS[2] + distance_modulus(redshift) + stretched)


def black_hole(absolute_i: Reals) -> Reals:
    """Give the mean log10 of the black-hole mass, suns, at that luminosity (MacLeod et al. 2010)."""
    return np.asarray(2.0 - 0.27 * absolute_i)


def structure_function(absolute_i: Reals, log_mass: Reals, redshift: Reals) -> Reals:
    """Give the structure function in r at long lags, mag (MacLeod et al. 2010, doi:10.1088/0004-637X/721/2/1014)."""
    rest = np.log10(WAVELENGTH[1] / (1 + redshift) / 4000)
    exponent = -0.51 + _VARIES_WITH_WAVELENGTH * rest + 0.131 * (absolute_i + 23) + 0.18 * (log_mass - 9)
    return np.asarray(10**exponent)


def memory(absolute_i: Reals, log_mass: Reals, redshift: Reals) -> Reals:
    """Give the time in which the walk forgets, days of the observer (same equation, with its other coefficients)."""
    rest = np.log10(WAVELENGTH[1] / (1 + redshift) / 4000)
    exponent = 2.4 + 0.17 * rest + 0.03 * (absolute_i + 23) + 0.21 * (log_mass - 9)
    return np.asarray(10**exponent * (1 + redshift))


def wander(rng: np.random.Generator, redshift: Reals, absolute_i: Reals, setting: Setting) -> Walks:
    """Draw the walk of each nucleus in r, with the paper's scatter in mass; that of the walk's own size is by hand."""
    n = len(redshift)
    log_mass = black_hole(absolute_i) + rng.normal(0, 1, n) * (0.58 + 0.011 * absolute_i)
    deviation = structure_function(absolute_i, log_mass, redshift) / np.sqrt(2) * 10 ** rng.normal(0, 0.15, n)
    forgets = memory(absolute_i, log_mass, redshift) * 10 ** rng.normal(0, 0.3, n)
    return damped(rng, deviation, np.maximum(forgets, 5 * _STEP_DAYS), setting, _STEP_DAYS)


def make(rng: np.random.Generator, n: int, setting: Setting) -> Objects:
    """Draw `n` quasars, each with a damped random walk (MacLeod et al. 2010, doi:10.1088/0004-637X/721/2/1014).

    One walk moves all filters together, by more towards the blue. Colours are those of a power law, with a
    scatter chosen by hand in place of emission lines.
    """
    redshift, absolute_i = draw(rng, n, (0.1, 3.0), (-29.5, -22.5), (15.0, 19.2))
    ra, dec, reddening = extragalactic(rng, n, setting)
    walks = wander(rng, redshift, absolute_i, setting)
    colours = COLOURS[:, np.newaxis] * (1 + rng.normal(0, 0.6, n))
    mean = apparent_r(absolute_i, redshift) + colours + extinction(reddening, FILTERS)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        return np.asarray(mean[fid - 1, which] + LOUDER[fid - 1] * walks.at(which, mjd))

    return Objects("VII/290", ["QSO"] * n, ra, dec, unknown(n), redshift, True, mag)
