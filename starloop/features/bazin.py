"""Bazin's function fitted to the outburst in one band: how fast it rises and falls, whatever its height."""

import numpy as np
from light_curve import light_curve_ext as lc

from starloop.features.brightest import AFTER, BEFORE, ERROR_FLOOR, ERROR_SHARE, POGSON
from starloop.features.screening import Band, Points, Reals

FEWEST_POINTS = 6
ITERATIONS = 20
# A fit that leaves these bounds (days, brightest fluxes, chi-square a degree of freedom) says nothing more.
LONGEST = 1e3
LARGEST_FLUX = 1e2
LARGEST_CHI2 = 1e4

NAMES: tuple[str, ...] = (
    "bazin_amplitude",
    "bazin_baseline",
    "bazin_reference_time",
    "bazin_rise_time",
    "bazin_fall_time",
    "bazin_chi2",
)


def bazin(band: Band, *, n_jobs: int) -> Reals:
    """Fit Bazin's function to the flux of every light curve around its brightest point.

    The flux is ``A exp(-(t - t0) / fall) / (1 + exp(-(t - t0) / rise)) + B``. Given are A and B in units of the
    brightest flux, t0 in days from the brightest point, the two times in days, and the logarithm of the chi-square a
    degree of freedom (plus 0.1). Bazin et al. 2009 (doi:10.1051/0004-6361/200911847), fitted by ``light-curve``'s
    Levenberg-Marquardt (Malanchev et al. 2021, doi:10.1093/mnras/stab316); errors are widened as in
    `starloop.features.brightest`.

    Parameters
    ----------
    band : Band
        Screened light curves, days and magnitudes.
    n_jobs : int
        Threads; the values do not depend on it.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        NaN below `FEWEST_POINTS` points from `BEFORE` to `AFTER` days about the brightest, or where the fit
        runs away.
    """
    values = np.full((len(band), len(NAMES)), np.nan)
    fluxes = ((row, _flux(points)) for row, points in enumerate(band) if len(points) >= FEWEST_POINTS)
    curves = {row: curve for row, curve in fluxes if len(curve[0]) >= FEWEST_POINTS}
    if not curves:
        return values
    fit = lc.BazinFit("lmsder", lmsder_niter=ITERATIONS)
    fitted = fit.many(list(curves.values()), sorted=True, fill_value=np.nan, n_jobs=n_jobs)
    within = np.array([LARGEST_FLUX, LARGEST_FLUX, LONGEST, LONGEST, LONGEST, LARGEST_CHI2])
    good = (np.abs(fitted) < within).all(axis=1)
    fitted[:, -1] = np.log(fitted[:, -1].clip(0.0) + 0.1)
    values[list(curves)] = np.where(good[:, None], fitted, np.nan)
    return values


def _flux(points: Points) -> tuple[Reals, Reals, Reals]:
    """Give days from the brightest point, flux in units of the brightest, and its error."""
    brightest = int(points.mag.argmin())
    time = points.time - points.time[brightest]
    near = (time > -BEFORE) & (time < AFTER)
    flux = 10.0 ** (-0.4 * (points.mag[near] - points.mag[brightest]))
    err = np.sqrt((flux * points.err[near] / POGSON) ** 2 + (ERROR_SHARE * flux) ** 2 + ERROR_FLOOR**2)
    return time[near], flux, err
