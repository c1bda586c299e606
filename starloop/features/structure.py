"""The structure function of a light curve in one band: how far it has wandered after a time."""

import numpy as np

from starloop.features.screening import Band, Reals

# Bins of half a decade: their centres, log10 days.
CENTRES = (-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
HALF_BIN = 0.25
# Fewer pairs do not make a mean, two bins not a slope.
FEWEST_PAIRS = 3
FEWEST_BINS = 3
YEAR = 365.25

_REPORTED = {0.5: "3", 1.0: "10", 1.5: "30", 2.0: "100", 2.5: "300"}

NAMES: tuple[str, ...] = (
    "structure_log10_amplitude",
    "structure_slope",
    *(f"structure_{days}_days" for days in _REPORTED.values()),
)


def structure(band: Band) -> Reals:
    """Compute the structure function of every light curve of a band.

    In a bin of lags its square is ``pi / 2 <|difference|>**2`` minus the mean of the summed squared errors of the two
    magnitudes (Vanden Berk et al. 2004, doi:10.1086/380563); where the errors exceed what is seen it is
    minus the root of what is missing. Amplitude and slope are those of the power law ``A (lag / 1 yr) ** slope``
    (Schmidt et al. 2010, doi:10.1088/0004-637X/714/2/1194), by least squares in the logarithms, a bin
    weighing as many pairs as it has.

    Not all pairs are taken, which would grow with the square of the points, but those of points 1, 2, 3, 4, 6, 8, 12,
    16, ... apart in the order of their times: all pairs of up to five points, about ``2 n log2(n)`` of many.

    Parameters
    ----------
    band : Band
        Screened light curves, days and magnitudes.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        log10 of magnitudes at a lag of one year, the exponent, and magnitudes. The first two are NaN with fewer than
        `FEWEST_BINS` bins above zero, a bin's is with fewer than `FEWEST_PAIRS` pairs.
    """
    objects, bins = len(band), len(CENTRES)
    count, far, noise = (np.zeros(objects * bins) for _ in range(3))
    time, mag, variance = band.points.time, band.points.mag, band.points.err**2
    lengths = np.diff(band.offsets)
    owner = np.repeat(np.arange(objects), lengths)
    edges = 10 ** (np.append(CENTRES, CENTRES[-1] + 2 * HALF_BIN) - HALF_BIN)
    for apart in _steps(int(lengths.max(initial=0))):
        first = np.flatnonzero(owner[apart:] == owner[:-apart])
        second = first + apart
        place = np.searchsorted(edges, time[second] - time[first], side="right") - 1
        inside = (place >= 0) & (place < bins)
        first, second = first[inside], second[inside]
        cell = owner[first] * bins + place[inside]
        count += np.bincount(cell, minlength=objects * bins)
        far += np.bincount(cell, np.abs(mag[second] - mag[first]), minlength=objects * bins)
        noise += np.bincount(cell, variance[second] + variance[first], minlength=objects * bins)
    pairs = np.where(count >= FEWEST_PAIRS, count, np.nan)
    square = np.pi / 2 * (far / pairs) ** 2 - noise / pairs
    root = (np.sign(square) * np.sqrt(np.abs(square))).reshape(objects, bins)
    reported = [CENTRES.index(centre) for centre in _REPORTED]
    return np.concatenate([_power_law(root, count.reshape(objects, bins)), root[:, reported]], axis=1)


def _steps(longest: int) -> list[int]:
    steps = sorted({1, *(base << power for power in range(longest.bit_length()) for base in (2, 3))})
    return [step for step in steps if step < longest]


def _power_law(root: Reals, count: Reals) -> Reals:
    used = np.nan_to_num(root) > 0.0
    weight = np.where(used, count, 0.0)
    height = np.log10(np.where(used, root, 1.0))
    lag = np.array(CENTRES) - np.log10(YEAR)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (weight * lag).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
        level = (weight * height).sum(axis=1, keepdims=True) / weight.sum(axis=1, keepdims=True)
        slope = (weight * (lag - middle) * (height - level)).sum(axis=1) / (weight * (lag - middle) ** 2).sum(axis=1)
    law = np.stack([level[:, 0] - slope * middle[:, 0], slope], axis=1)
    return np.where(used.sum(axis=1, keepdims=True) >= FEWEST_BINS, law, np.nan)
