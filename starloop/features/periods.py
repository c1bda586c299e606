"""The period of a light curve, from both bands together.

A coarse, fast periodogram of every light curve (``light-curve``) proposes peaks; the exact periodogram in the
neighbourhood of each ranks them, and of the best few the one whose fold a series of two terms describes best is the
period: a sine alone takes many an eclipsing binary for one of its daily aliases.
"""

import numpy as np
from light_curve import light_curve_ext as lc

from starloop.features import fold
from starloop.features.lomb_scargle import log10_false_alarm, power
from starloop.features.screening import Points, Reals
from starloop.features.series import fit, join

FEWEST_POINTS = 8
SHORTEST_SPAN = 1.0
# Periods down to 42 minutes, those of the fastest delta Scuti stars.
HIGHEST_FREQUENCY = 34.0
# The coarse grid has 2**k steps, as few as keep a step below this share of one over the span, within these powers.
COARSE = 0.6
FEWEST_STEPS, MOST_STEPS = 10, 17
PEAKS = 20
# Spacing of the exact periodogram around a peak, and distance of the series' frequencies, over one over the span.
NEAR, NEAREST = 0.15, 0.1
# So many peaks get a series; two closer than `APART`, over one over the span, are one.
SERIES, HARMONICS = 5, 2
APART = 0.3
# A floor under the errors keeps one very bright point from deciding the period alone.
ERROR_FLOOR = 0.01

NAMES: tuple[str, ...] = (
    "period_log10",
    "period_power",
    "period_log10_false_alarm",
    "period_next_power_ratio",
    "period_half_power_ratio",
    "period_double_power_ratio",
    *fold.NAMES,
)


def periods(g: list[Points], r: list[Points], *, n_jobs: int) -> Reals:
    """Find the period of every light curve and describe its fold.

    For the coarse search each band's median is removed and the bands are merged. The search covers one cycle over the
    span of the observations up to `HIGHEST_FREQUENCY`; the peaks of a fast Lomb-Scargle periodogram (Press & Rybicki
    1989, doi:10.1086/167197) are refined with the generalised one (Zechmeister & Kuerster 2009,
    doi:10.1051/0004-6361:200811296), and `SERIES` of them compared by the multi-harmonic one (`series.fit`).

    Told are the period (log10 days), the power of its sine (0 to 1), the probability that noise alone reaches it
    (log10, `lomb_scargle.log10_false_alarm`), and in units of that power the power of the best other peak, at half the
    period and at twice the period: of an eclipsing binary found at half its period, the last is not small. Then
    `fold.shape`.

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
    objects = [_from_first(*pair) for pair in zip(g, r, strict=True)]
    merged = [_merge(*bands) for bands in objects]
    searched = [row for row, points in enumerate(merged) if _searchable(points)]
    steps = np.array([_steps(merged[row]) for row in searched])
    for power_of_two in np.unique(steps).tolist():
        rows = [searched[place] for place in np.flatnonzero(steps == power_of_two)]
        grid = np.linspace(0.0, 2.0 * np.pi * HIGHEST_FREQUENCY, 2**power_of_two + 1)
        coarse = lc.Periodogram(peaks=PEAKS, freqs=grid, fast=True)
        # Single precision takes half the time, and proposes no other peaks.
        curves = [tuple(np.float32(part) for part in (of.time, of.mag, of.err)) for of in (merged[row] for row in rows)]
        peaks = coarse.many(curves, fill_value=np.nan, sorted=True, n_jobs=n_jobs)[:, ::2].astype(np.float64)
        for row, proposed in zip(rows, peaks, strict=True):
            values[row] = _describe(*objects[row], merged[row], proposed, HIGHEST_FREQUENCY / 2**power_of_two)
    return values


def _from_first(g: Points, r: Points) -> tuple[Points, Points]:
    """Count times from the first point of both bands, and leave no error below the floor."""
    start = min((points.time[0] for points in (g, r) if len(points)), default=0.0)
    return _shifted(g, start), _shifted(r, start)


def _shifted(points: Points, start: float) -> Points:
    return Points(points.time - start, points.mag, np.hypot(points.err, ERROR_FLOOR))


def _merge(g: Points, r: Points) -> Points:
    """Put the bands on one scale, their medians at zero; times ascending and unique."""
    time, first = np.unique(np.concatenate([g.time, r.time]), return_index=True)
    mag = np.concatenate([points.mag - np.median(points.mag) for points in (g, r) if len(points)] or [g.mag])
    err = np.concatenate([g.err, r.err])
    return Points(time, mag[first], err[first])


def _searchable(points: Points) -> bool:
    return len(points) >= FEWEST_POINTS and bool(points.time[-1] >= SHORTEST_SPAN and np.ptp(points.mag) > 0.0)


def _steps(points: Points) -> int:
    least = np.ceil(np.log2(HIGHEST_FREQUENCY * points.time[-1] / COARSE))
    return int(np.clip(least, FEWEST_STEPS, MOST_STEPS))


def _describe(g: Points, r: Points, merged: Points, proposed: Reals, step: float) -> Reals:
    bands = [points for points in (g, r) if len(points)]
    slowest = 1.0 / merged.time[-1]
    peaks = _refined(bands, proposed, slowest, step)
    frequency = _best(bands, peaks, slowest)
    at = np.array([frequency, 2.0 * frequency, 0.5 * frequency])
    best, half, double = power(bands, at, np.zeros(1))[:, 0].tolist()
    others = peaks[np.abs(peaks - frequency) > APART * slowest]
    other = power(bands, others[:1], np.zeros(1)).max(initial=0.0)
    ratios = np.array([other, half, double]) / best if best > 0.0 else np.full(3, np.nan)
    significance = log10_false_alarm(best, merged, HIGHEST_FREQUENCY)
    return np.array([-np.log10(frequency), best, significance, *ratios, *fold.shape(g, r, frequency)])


def _refined(bands: list[Points], proposed: Reals, slowest: float, step: float) -> Reals:
    """Give the frequencies of the highest peaks of the exact periodogram near those proposed, highest first."""
    # Fewer peaks than asked for are filled up with a period of 0.
    centres = 1.0 / proposed[proposed > 0.0]
    centres = np.append(centres[centres >= slowest], slowest)
    # Weights and floating means shift a peak by up to half its width, the coarse grid by up to one step.
    side = int(np.ceil(max(step, 0.5 * slowest) / (NEAR * slowest)))
    offsets = NEAR * slowest * np.arange(-side, side + 1, dtype=np.float64)
    near = power(bands, centres, offsets)
    shift, height = _tops(near)
    frequencies = np.maximum(centres + NEAR * slowest * (shift - side), slowest)
    kept: list[float] = []
    for frequency in frequencies[np.argsort(-height, kind="stable")].tolist():
        if all(abs(frequency - other) > APART * slowest for other in kept):
            kept.append(frequency)
    return np.array(kept[:SERIES])


def _best(bands: list[Points], peaks: Reals, slowest: float) -> float:
    """Give the frequency near one of the peaks at which a series explains most."""
    near = peaks[:, None] + NEAREST * slowest * np.array([-1.0, 0.0, 1.0])
    explained, _ = fit(join(bands), near.ravel(), HARMONICS)
    shift, height = _tops(explained.reshape(near.shape))
    best = int(height.argmax())
    return max(float(peaks[best] + NEAREST * slowest * (shift[best] - 1.0)), slowest)


def _tops(rows: Reals) -> tuple[Reals, Reals]:
    """Give place and height of each row's highest value, a parabola through it and its neighbours."""
    row, place = np.arange(len(rows)), rows.argmax(axis=1).clip(1, rows.shape[1] - 2)
    before, here, after = rows[row, place - 1], rows[row, place], rows[row, place + 1]
    bend = before - 2.0 * here + after
    shift = np.where(bend < 0.0, 0.5 * (before - after) / np.where(bend < 0.0, bend, 1.0), 0.0).clip(-1.0, 1.0)
    return place + shift, here - 0.25 * (before - after) * shift
