"""How often the most probable class is the true one, against how probable it was said to be."""

from dataclasses import dataclass

import numpy as np

from starloop.evaluation.answers import Answers
from starloop.model.calibration import Ints, Reals
from starloop.model.evaluation import BINS, calibration_bin

_Z = 1.959964


@dataclass(frozen=True)
class Reliability:
    """The bins of a reliability diagram that have objects, arrays of shape (bins,).

    Parameters
    ----------
    said : ndarray
        Mean probability of the most probable class.
    came : ndarray
        Share of the objects whose most probable class was the true one.
    low, high : ndarray
        95 % interval of that share (Wilson 1927, doi:10.1080/01621459.1927.10502953).
    objects : ndarray
        How many.
    """

    said: Reals
    came: Reals
    low: Reals
    high: Reals
    objects: Ints


def reliability(answers: Answers) -> Reliability:
    """Sort the answers by what was said, into the bins of the calibration error."""
    place = calibration_bin(answers.best)
    objects = np.bincount(place, minlength=BINS)
    some = objects > 0
    n = objects[some]
    said = np.bincount(place, answers.best, BINS)[some] / n
    came = np.bincount(place, answers.best_is_true, BINS)[some] / n
    centre = (came + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(came * (1 - came) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return Reliability(said, came, centre - half, centre + half, n)
