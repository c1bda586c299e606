"""Fluxes as magnitudes."""

import numpy as np

from starloop.features.screening import Flags, Reals

# AB magnitude of one nanojansky.
ZERO_POINT = 31.4
LIMIT_SIGMAS = 5.0


def magnitudes(flux: Reals, err: Reals) -> tuple[Reals, Reals, Flags]:
    """Turn fluxes into AB magnitudes (Oke & Gunn 1983, doi:10.1086/160817).

    A flux that is not positive has no magnitude. What it says is an upper limit: `LIMIT_SIGMAS` times its error.

    Parameters
    ----------
    flux, err : numpy.ndarray, shape (points,)
        Nanojansky; errors positive.

    Returns
    -------
    mag, mag_err : numpy.ndarray, shape (points,)
        Magnitudes and their errors to first order; of a flux that is not positive the limit, and NaN.
    detected : numpy.ndarray of bool, shape (points,)
        Whether the flux is positive.
    """
    detected = flux > 0.0
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        mag = ZERO_POINT - 2.5 * np.log10(np.where(detected, flux, LIMIT_SIGMAS * err))
        mag_err = np.where(detected, 2.5 / np.log(10.0) * err / flux, np.nan)
    return mag, mag_err, detected
