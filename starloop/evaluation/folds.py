"""Cross-validation: every object is answered by a model that has not seen its position."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from starloop.evaluation.answers import Answers
from starloop.evaluation.sample import Sample
from starloop.features.schema import NAMES
from starloop.model.boosting import folds
from starloop.model.bundle import matrix
from starloop.model.calibration import Ints
from starloop.model.hiding import hide
from starloop.model.learning import Learned, learn
from starloop.model.params import TrainParams


@dataclass(frozen=True)
class Fold:
    """One model and the objects that were held out from it, early stopping, calibration and weights included."""

    learned: Learned
    held_out: Ints


def cross_validate(
    sample: Sample, params: TrainParams, number: int, told: Callable[[], None] = lambda: None
) -> list[Fold]:
    """Train one model a fold; positions stay whole.

    Parameters
    ----------
    sample : Sample
        The objects.
    params : TrainParams
        The knobs; they were chosen elsewhere.
    number : int
        How many folds.
    told : callable
        Called after each.
    """
    rows = sample.rows(sample.whole)
    fold = folds(rows, number, params.seed)
    found = []
    for one in range(number):
        learned = learn(hide(sample.rows(sample.whole, fold != one), params.hidden_share), params)
        found.append(Fold(learned, np.flatnonzero(fold == one)))
        told()
    return found


def asked(found: list[Fold], sample: Sample, features: pa.Table) -> Answers:
    """Ask every fold's model about the objects it has not seen.

    Parameters
    ----------
    features : pa.Table
        Of the sample's objects, in its order: whole or cut short.
    """
    values = matrix(features, list(NAMES))
    probabilities = np.empty((len(sample), len(sample.classes)))
    answer = np.empty(len(sample), dtype=np.int64)
    for fold in found:
        probabilities[fold.held_out] = fold.learned.probabilities(values[fold.held_out])
        answer[fold.held_out] = fold.learned.answers(probabilities[fold.held_out])
    return Answers(sample.classes, sample.truth, probabilities, answer)
