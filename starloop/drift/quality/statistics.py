"""Medians with their standard errors: few objects must not look like a change."""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

MAD_TO_STD = 1.4826
"""Of a normal distribution: its standard deviation over its median absolute deviation."""
_MEDIAN_TO_MEAN = 1.2533
"""Of a normal distribution: the standard error of a median over that of a mean."""


def deviation(values: Reals) -> float:
    """Give the standard deviation of the normal distribution with this median absolute deviation."""
    return float(MAD_TO_STD * np.median(np.abs(values - np.median(values))))


def median(values: Reals) -> tuple[float, float]:
    """Give the median and its standard error; the values are not empty."""
    return float(np.median(values)), _MEDIAN_TO_MEAN * deviation(values) / len(values) ** 0.5


def weighted_median(values: Reals, scales: Reals) -> tuple[float, float]:
    """Give the median of values that scatter by different scales, and its standard error.

    It is the value that halves the sum of the inverse scales: the maximum-likelihood location of double exponentials.

    Parameters
    ----------
    values, scales : ndarray, shape (n,)
        Not empty; the scales are positive.
    """
    order = np.argsort(values, kind="stable")
    ordered, weights = values[order], 1 / scales[order]
    summed = np.cumsum(weights)
    middle = float(ordered[np.searchsorted(summed, summed[-1] / 2)])
    spread = deviation((ordered - middle) * weights)
    return middle, _MEDIAN_TO_MEAN * spread / float(np.sum(weights**2)) ** 0.5
