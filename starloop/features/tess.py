"""The TESS light curve of a star: how fast it varies, which ZTF cannot see."""

import numpy as np
import pyarrow as pa
from light_curve import light_curve_ext as lc

from starloop.features.lomb_scargle import power
from starloop.features.screening import LARGEST_TIME, Points, Reals, flatten, reals

# In units of the median; the strongest flare of the faintest star is far below.
LARGEST_FLUX = 1e6
SMALLEST_ERROR = 1e-6
# Ten minutes in days: cadences of 20 s, 2 min and 10 min become one, and a star of many sectors stays small.
BIN = 10.0 / 1_440.0
# A change across a gap says nothing of how smooth the light curve is.
NEIGHBOURS = 3.5 * BIN
FEWEST_BINS = 20
# One sector, and a grid fine enough for it: five frequencies in the width of a peak.
SEARCHED = 27.5
HIGHEST_FREQUENCY = 60.0
GRID = 2**13
EXACT = 21
LONGEST_PERIOD = 2.0

NAMES: tuple[str, ...] = (
    "tess_count",
    "tess_span",
    "tess_scatter",
    "tess_amplitude",
    "tess_point_to_point",
    "tess_skew",
    "tess_von_neumann",
    "tess_signal_to_noise",
    "tess_period_log10",
    "tess_period_power",
)


def tess(curves: pa.Table) -> Reals:
    """Describe the TESS light curve of every object.

    The flux is taken relative to its median, left out beyond `LARGEST_FLUX`, and averaged in bins of `BIN`. Of the
    bins: their number and span (days); the standard deviation; half the distance of the 5th from the 95th percentile;
    the median absolute difference of neighbours; the skewness; the mean squared difference of neighbours over the
    variance (von Neumann 1941, doi:10.1214/aoms/1177731677); and the standard deviation over the median error of the
    points. Of the `SEARCHED` days from the first, the period of the highest peak of the Lomb-Scargle periodogram
    (Press & Rybicki 1989, doi:10.1086/167197) from one over `HIGHEST_FREQUENCY` to `LONGEST_PERIOD`, as log10 of days,
    and the share of the variance that its sine explains (Zechmeister & Kuerster 2009,
    doi:10.1051/0004-6361:200811296).

    Parameters
    ----------
    curves : pyarrow.Table
        Columns of `starloop.features.curves.SCHEMA`.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        NaN with fewer than `FEWEST_BINS` bins, where the median flux is not positive or the flux does not vary; the
        period also where fewer bins, or less than `LONGEST_PERIOD`, are searched.
    """
    values = np.full((len(curves), len(NAMES)), np.nan)
    row, columns = flatten(curves, "tess_time", "tess_flux", "tess_err")
    time, flux, err = (reals(column) for column in columns)
    with np.errstate(invalid="ignore"):
        good = np.flatnonzero((np.abs(time) < LARGEST_TIME) & np.isfinite(flux))
    good = good[np.lexsort((err[good], flux[good], time[good], row[good]))]
    bounds = np.searchsorted(row[good], np.arange(len(curves) + 1))
    grid = np.linspace(0.0, 2.0 * np.pi * HIGHEST_FREQUENCY, GRID + 1)
    periodogram = lc.Periodogram(peaks=1, freqs=grid, fast=True)
    for number in np.flatnonzero(np.diff(bounds)):
        mine = good[bounds[number] : bounds[number + 1]]
        values[number] = _describe(time[mine], flux[mine], err[mine], periodogram)
    return values


def _describe(time: Reals, flux: Reals, err: Reals, periodogram: lc.Periodogram) -> Reals:
    values = np.full(len(NAMES), np.nan)
    once = np.append(True, np.diff(time) > 0.0)
    time, flux, err = time[once] - time[0], flux[once], err[once]
    with np.errstate(over="ignore"):
        level = np.median(flux)
        if not level > 0.0:
            return values
        flux, err = flux / level, err / level
    usual = np.abs(flux) < LARGEST_FLUX
    if usual.sum() < FEWEST_BINS:
        return values
    time, binned = _binned(time[usual], flux[usual] - 1.0)
    scatter = binned.std()
    # Equal fluxes have a scatter of rounding errors.
    if len(time) < FEWEST_BINS or not scatter > 1e-12:
        return values
    steps = np.diff(binned)[np.diff(time) <= NEIGHBOURS]
    low, high = np.percentile(binned, (5.0, 95.0))
    values[:4] = len(time), time[-1] - time[0], scatter, 0.5 * (high - low)
    values[5] = ((binned - binned.mean()) ** 3).mean() / scatter**3
    if len(steps):
        values[4], values[6] = np.median(np.abs(steps)), (steps**2).mean() / scatter**2
    known = err[usual & (err >= SMALLEST_ERROR)]
    if len(known):
        values[7] = scatter / np.median(known)
    values[8:] = _period(time, binned, periodogram)
    return values


def _binned(time: Reals, flux: Reals) -> tuple[Reals, Reals]:
    number = np.floor(time / BIN)
    first = np.flatnonzero(np.append(True, np.diff(number) > 0.0))
    count = np.diff(np.append(first, len(time)))
    return np.add.reduceat(time, first) / count, np.add.reduceat(flux, first) / count


def _period(time: Reals, flux: Reals, periodogram: lc.Periodogram) -> Reals:
    searched = time < time[0] + SEARCHED
    time, flux = time[searched], flux[searched]
    if len(time) < FEWEST_BINS or time[-1] - time[0] < LONGEST_PERIOD or not flux.std() > 1e-12:
        return np.full(2, np.nan)
    step = HIGHEST_FREQUENCY / GRID
    slowest = int(np.ceil(1.0 / LONGEST_PERIOD / step))
    best = slowest + int(periodogram.power(time, flux)[slowest:].argmax())
    # The fast periodogram finds the peak, but blurs the times and so loses power, most at high frequencies.
    offsets = step * np.linspace(-1.0, 1.0, EXACT)
    exact = power([Points(time, flux, np.ones(len(time)))], np.array([step * best]), offsets)[0]
    return np.array([-np.log10(step * best + offsets[exact.argmax()]), exact.max()])
