"""Which class is named: the one with the greatest weight times calibrated probability."""

from starloop.model.calibration import Ints, Reals

UNCERTAIN = "uncertain"
"""The answer where no class reaches its threshold."""


def answers(probabilities: Reals, weights: Reals) -> Ints:
    """Give the class each row is answered with, before its threshold is asked.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Calibrated.
    weights : ndarray, shape (classes,)
        What a class's probability counts: more for a rare class, or it would never be named.

    Returns
    -------
    ndarray, shape (n,)
        Index of the class.
    """
    result: Ints = (probabilities * weights).argmax(axis=1)
    return result
