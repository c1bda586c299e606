"""A Gaussian process through the fluxes of g and r together, exact and the same bits everywhere.

After Boone 2019 (doi:10.3847/1538-3881/ab5182): a Matern-3/2 kernel in time and in wavelength. The factorisation is
written out: LAPACK's rounding depends on its build and its number of threads.
"""

import numpy as np

from starloop.features.brightest import Outburst
from starloop.features.screening import Reals, Rows

TIME_SCALES = (10.0, 20.0, 40.0, 80.0)
"""Days; the one under which the points are likeliest is used."""
WAVELENGTHS = (4746.48, 6366.38)
"""Effective ones of ZTF's g and r, angstrom (Rodrigo & Solano 2020, the SVO filter profile service)."""
WAVELENGTH_SCALE = 6000.0
AMPLITUDE = 0.7
"""Of the process, in units of the brightest flux."""


def smoothed(seen: Outburst, day: Reals) -> tuple[Reals, Reals, Reals]:
    """Predict the flux of both bands on some days.

    Parameters
    ----------
    seen : Outburst
        At least one point.
    day : numpy.ndarray, shape (days,)
        Days from the brightest point.

    Returns
    -------
    flux, sigma : numpy.ndarray, shape (2, days)
        In the units of `seen`; g, then r.
    likelihood : numpy.ndarray, shape (len(TIME_SCALES),)
        Logarithm of the evidence for every time scale, up to a constant.
    """
    number = len(seen)
    scales = np.array(TIME_SCALES)[:, None, None]
    rows = np.empty((len(TIME_SCALES), number + 1, number))
    rows[:, :number] = _kernel(seen.time, seen.band, seen, scales) + np.diag(seen.err**2)
    rows[:, number] = seen.flux
    factor = np.zeros_like(rows)
    for column in range(number):
        below = rows[:, column:, column] - np.einsum(
            "sik,sk->si", factor[:, column:, :column], factor[:, column, :column]
        )
        factor[:, column:, column] = below / np.sqrt(below[:, :1])
    white = factor[:, number]
    likelihood = -0.5 * np.einsum("sn,sn->s", white, white) - np.log(np.einsum("snn->sn", factor[:, :number])).sum(1)
    best = int(likelihood.argmax())
    cross = _kernel(np.tile(day, 2), np.repeat(np.arange(2), len(day)), seen, scales[best])
    solved = np.zeros_like(cross)
    for column in range(number):
        known = np.einsum("ik,k->i", solved[:, :column], factor[best, column, :column])
        solved[:, column] = (cross[:, column] - known) / factor[best, column, column]
    flux = np.einsum("in,n->i", solved, white[best])
    variance = AMPLITUDE**2 - np.einsum("in,in->i", solved, solved)
    return flux.reshape(2, -1), np.sqrt(variance.clip(1e-12)).reshape(2, -1), likelihood


def _kernel(time: Reals, band: Rows, seen: Outburst, scale: Reals) -> Reals:
    between = _matern((WAVELENGTHS[1] - WAVELENGTHS[0]) / WAVELENGTH_SCALE)
    colours = np.where(band[:, None] == seen.band, 1.0, between)
    kernel: Reals = AMPLITUDE**2 * colours * _matern((time[:, None] - seen.time) / scale)
    return kernel


def _matern(distance: Reals | float) -> Reals:
    far = np.sqrt(3.0) * np.abs(distance)
    return np.asarray((1.0 + far) * np.exp(-far))
