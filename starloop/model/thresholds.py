"""Choosing, on objects the booster was not trained on, what a decision needs: weights and thresholds."""

import numpy as np

from starloop.model.calibration import Ints, Reals
from starloop.model.decision import answers
from starloop.model.evaluation import confusion, macro_f1

_POWERS = np.arange(5) / 20  # beyond, what is gained on these objects is lost again on others
_NO_THRESHOLD = 0.5


def fit_weights(probabilities: Reals, truth: Ints) -> Reals:
    """Find how much rarer classes must count for the greatest macro-F1 that costs no accuracy.

    A class that is n times rarer than the commonest counts n to a power, the same for all classes: it is one number
    that is chosen, for which a few objects of a rare class are enough.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Calibrated, out of fold.
    truth : ndarray, shape (n,)
        Index of the true class.

    Returns
    -------
    ndarray, shape (classes,)
        One for the commonest class.
    """
    counts = np.maximum(np.bincount(truth, minlength=probabilities.shape[1]), 1)
    rarer = counts.max() / counts
    tried = [confusion(truth, answers(probabilities, rarer**power), len(counts)) for power in _POWERS]
    reached = [float(macro_f1(one)) if np.trace(one) >= np.trace(tried[0]) else -1.0 for one in tried]
    result: Reals = np.round(rarer ** float(_POWERS[np.argmax(reached)]), 6)
    return result


def fit_thresholds(probabilities: Reals, answer: Ints, truth: Ints, precision: float) -> list[float]:
    """Find for each class the lowest probability at which its answers are right often enough.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Calibrated, out of fold.
    answer, truth : ndarray, shape (n,)
        Index of the answered and of the true class.
    precision : float
        Share of a class's answers that must be right.

    Returns
    -------
    list of float
        One half for a class that reaches the precision nowhere.
    """
    said = probabilities[np.arange(len(answer)), answer]
    thresholds = []
    for number in range(probabilities.shape[1]):
        rows = np.flatnonzero(answer == number)
        rows = rows[np.argsort(-said[rows], kind="stable")]
        right = np.cumsum(truth[rows] == number) / np.arange(1, len(rows) + 1)
        # Answers with equal probability stand or fall together: only the last of them is a place to cut.
        last = np.append(np.diff(said[rows]) != 0, True)[: len(rows)]
        enough = np.flatnonzero((right >= precision) & last)
        thresholds.append(_rounded_down(said[rows[enough[-1]]]) if len(enough) else _NO_THRESHOLD)
    return thresholds


def _rounded_down(value: float) -> float:
    return float(np.floor(value * 1e6) / 1e6)
