"""Precision against recall of one class, as the probability that is asked for goes down."""

import numpy as np
from numpy.typing import NDArray

from starloop.model.calibration import Reals


def curve(is_class: NDArray[np.bool_], probability: Reals) -> tuple[Reals, Reals]:
    """Give recall and precision at every probability that occurs, from the highest until all are found.

    Parameters
    ----------
    is_class : ndarray, shape (n,)
        Whether the object is of the class.
    probability : ndarray, shape (n,)
        The class's.

    Returns
    -------
    recall, precision : ndarray, shape (places,)
        Empty for a class without objects.
    """
    if not is_class.any():
        return np.empty(0), np.empty(0)
    order = np.argsort(-probability, kind="stable")
    right = np.cumsum(is_class[order])
    # Equal probabilities stand or fall together: only the last of them is a place to cut.
    places = np.flatnonzero(np.append(np.diff(probability[order]) != 0, True))
    places = places[: np.searchsorted(right[places], right[-1]) + 1]
    return right[places] / right[-1], right[places] / (places + 1)


def average_precision(is_class: NDArray[np.bool_], probability: Reals) -> float:
    """Give the mean precision over the recall gained; NaN for a class without objects."""
    recall, precision = curve(is_class, probability)
    return float((np.diff(recall, prepend=0.0) * precision).sum()) if len(recall) else float("nan")
