"""What a model said of objects it had not seen, beside what they are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from starloop.model.calibration import Ints, Reals


@dataclass(frozen=True)
class Answers:
    """Calibrated probabilities, the class that was answered, and the truth; one row an object.

    Parameters
    ----------
    classes : list of str
        In the order of the columns.
    truth : ndarray, shape (n,)
        Index of the true class.
    probabilities : ndarray, shape (n, classes)
        Calibrated, by a model that was not trained on the object.
    answer : ndarray, shape (n,)
        Index of the class that was answered, whether or not its probability reached the threshold.
    """

    classes: list[str]
    truth: Ints
    probabilities: Reals
    answer: Ints

    def __len__(self) -> int:
        return len(self.truth)

    @cached_property
    def best(self) -> Reals:
        """The probability of the most probable class."""
        best: Reals = self.probabilities.max(axis=1, initial=0.0)
        return best

    @cached_property
    def best_is_true(self) -> NDArray[np.bool_]:
        """Whether the most probable class is the true one."""
        true: NDArray[np.bool_] = self.truth == self.probabilities.argmax(axis=1)
        return true

    def only(self, chosen: NDArray[np.bool_]) -> "Answers":
        """Give the answers for some of the objects."""
        return Answers(self.classes, self.truth[chosen], self.probabilities[chosen], self.answer[chosen])
