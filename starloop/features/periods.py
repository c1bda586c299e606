"""The period of a light curve, from both bands together.

A coarse, fast periodogram of every light curve (``light-curve``) proposes peaks; the exact periodogram, in the
neighbourhood of each, decides.
"""

import numpy as np
from light_curve import light_curve_ext as lc

from starloop.features import fold
from starloop.features.lomb_scargle import log10_false_alarm, power
from starloop.features.screening import Points, Reals

FEWEST_POINTS = 8
SHORTEST_SPAN = 1.0
# Periods down to 72 minutes: RR Lyrae and most delta Scuti stars.
HIGHEST_FREQUENCY = 20.0
GRID = 2**16
PEAKS = 100
# Spacing of the exact periodogram in units of one over the span: around every peak, then around the best of them.
NEAR, NEAREST = 0.1, 0.002
# A floor under the errors keeps one very bright point from deciding the period alone.
ERROR_FLOOR = 0.01

NAMES: tuple[str, ...] = ("period_log10", "period_power", "period_log10_false_alarm", *fold.NAMES)


def periods(g: list[Points], r: list[Points], *, n_jobs: int) -> Reals:
    """Find the period of every light curve and describe its fold.

    For the coarse search each band's median is removed and the bands are merged. The search covers one cycle over the
    span of the observations up to `HIGHEST_FREQUENCY`; the peaks of a fast Lomb-Scargle periodogram (Press & Rybicki
    1989, doi:10.1086/167197) are refined with the generalised one (Zechmeister & Kuerster 2009,
    doi:10.1051/0004-6361:200811296), whose highest peak is the period.

    Parameters
    ----------
    g, r : list of Points
        The screened points of the same objects in both bands.
    n_jobs : int
        Threads; the values do not depend on it.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        NaN for a light curve with fewer than `FEWEST_POINTS` points, one shorter than `SHORTEST_SPAN` days or one
        that does not vary.
    """
    values = np.full((len(g), len(NAMES)), np.nan)
    objects = [_bands(*pair) for pair in zip(g, r, strict=True)]
    merged = [_merge(bands) if bands else g[row] for row, bands in enumerate(objects)]
    searched = [row for row, points in enumerate(merged) if _searchable(points)]
    if not searched:
        return values
    grid = np.linspace(0.0, 2.0 * np.pi * HIGHEST_FREQUENCY, GRID + 1)
    coarse = lc.Periodogram(peaks=PEAKS, freqs=grid, fast=True)
    curves = [(merged[row].time, merged[row].mag, merged[row].err) for row in searched]
    peaks = coarse.many(curves, fill_value=np.nan, sorted=True, n_jobs=n_jobs)[:, ::2]
    for row, proposed in zip(searched, peaks, strict=True):
        values[row] = _describe(objects[row], merged[row], proposed)
    return values


def _bands(g: Points, r: Points) -> list[Points]:
    """Give the bands that have points, times from the first of all and no error below the floor."""
    present = [points for points in (g, r) if len(points)]
    start = min((points.time[0] for points in present), default=0.0)
    return [Points(points.time - start, points.mag, np.hypot(points.err, ERROR_FLOOR)) for points in present]


def _merge(bands: list[Points]) -> Points:
    """Put the bands on one scale, their medians at zero; times ascending and unique."""
    time, first = np.unique(np.concatenate([points.time for points in bands]), return_index=True)
    mag = np.concatenate([points.mag - np.median(points.mag) for points in bands])
    err = np.concatenate([points.err for points in bands])
    return Points(time, mag[first], err[first])


def _searchable(points: Points) -> bool:
    return len(points) >= FEWEST_POINTS and bool(points.time[-1] >= SHORTEST_SPAN and np.ptp(points.mag) > 0.0)


def _describe(bands: list[Points], merged: Points, proposed: Reals) -> Reals:
    slowest = 1.0 / merged.time[-1]
    # Fewer peaks than asked for are filled up with a period of 0.
    centres = 1.0 / proposed[proposed > 0.0]
    centres = np.append(centres[centres >= slowest], slowest)
    # Weights and floating means shift a peak by up to half its width, the coarse grid by up to one step.
    reach = max(HIGHEST_FREQUENCY / GRID, 0.5 * slowest)
    frequency, _ = _highest(bands, centres, reach, NEAR * slowest)
    frequency, best = _highest(bands, np.array([frequency]), NEAR * slowest, NEAREST * slowest)
    frequency = max(frequency, slowest)
    significance = log10_false_alarm(best, merged, HIGHEST_FREQUENCY)
    return np.array([-np.log10(frequency), best, significance, *fold.shape(bands, 1.0 / frequency)])


def _highest(bands: list[Points], centres: Reals, reach: float, spacing: float) -> tuple[float, float]:
    side = int(np.ceil(reach / spacing))
    offsets = spacing * np.arange(-side, side + 1, dtype=np.float64)
    near = power(bands, centres, offsets)
    centre, offset = np.unravel_index(near.argmax(), near.shape)
    return float(centres[centre] + offsets[offset]), float(near[centre, offset])
