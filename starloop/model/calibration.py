"""Probabilities that mean what they say: one temperature, and a threshold a class."""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

_TEMPERATURES = (0.05, 20.0)
_NO_THRESHOLD = 0.5


def cooled(probabilities: Reals, temperature: float) -> Reals:
    """Divide the logits by a temperature.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Rows that sum to one.
    temperature : float
        Above one the answers become less sure.

    Returns
    -------
    ndarray, shape (n, classes)
        Rows that sum to one.

    References
    ----------
    Guo et al. 2017, doi:10.48550/arXiv.1706.04599
    """
    logits = np.log(np.clip(probabilities, np.finfo(np.float32).tiny, None)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
    result: Reals = powers / powers.sum(axis=1, keepdims=True)
    return result


def fit_temperature(probabilities: Reals, truth: Ints) -> float:
    """Find the temperature with the least log loss on objects the model was not trained on.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Uncalibrated, out of fold.
    truth : ndarray, shape (n,)
        Index of the true class.
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(truth))

    def loss(log_temperature: float) -> float:
        right = cooled(probabilities, np.exp(log_temperature))[rows, truth]
        return float(-np.log(np.clip(right, np.finfo(float).tiny, None)).mean())

    found = minimize_scalar(loss, bounds=np.log(_TEMPERATURES), method="bounded")
    return round(float(np.exp(found.x)), 6)


def fit_thresholds(probabilities: Reals, truth: Ints, precision: float) -> list[float]:
    """Find for each class the lowest probability at which its answers are right often enough.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Calibrated, out of fold.
    truth : ndarray, shape (n,)
        Index of the true class.
    precision : float
        Share of a class's answers that must be right.

    Returns
    -------
    list of float
        One half for a class that reaches the precision nowhere.
    """
    answer, best = probabilities.argmax(axis=1), probabilities.max(axis=1)
    thresholds = []
    for number in range(probabilities.shape[1]):
        rows = np.flatnonzero(answer == number)
        rows = rows[np.argsort(-best[rows], kind="stable")]
        right = np.cumsum(truth[rows] == number) / np.arange(1, len(rows) + 1)
        # Answers with equal probability stand or fall together: only the last of them is a place to cut.
        last = np.append(np.diff(best[rows]) != 0, True)[: len(rows)]
        enough = np.flatnonzero((right >= precision) & last)
        thresholds.append(_rounded_down(best[rows[enough[-1]]]) if len(enough) else _NO_THRESHOLD)
    return thresholds


def _rounded_down(value: float) -> float:
    return float(np.floor(value * 1e6) / 1e6)
