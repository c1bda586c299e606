"""From rows to a model that answers, and what it says of the very rows it learnt from, held out."""

from dataclasses import dataclass

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from starloop.model.boosting import HeldOut, Rows, boosted
from starloop.model.calibrating import calibrate
from starloop.model.calibration import Calibration, Ints, Reals
from starloop.model.decision import answers
from starloop.model.params import TrainParams
from starloop.model.thresholds import fit_thresholds, fit_weights


@dataclass(frozen=True)
class Learned:
    """A trained model.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained on all rows.
    calibration : Calibration
        What makes its probabilities honest.
    weights : ndarray, shape (classes,)
        What each class's probability counts in a decision.
    thresholds : list of float
        Probability below which an answer is `uncertain`, a class.
    rounds : int
        Boosting rounds.
    held_out : HeldOut
        What was said of each row by a booster that had not seen its position.
    out_of_fold : ndarray, shape (n, classes)
        The same, calibrated.
    """

    booster: xgb.Booster
    calibration: Calibration
    weights: Reals
    thresholds: list[float]
    rounds: int
    held_out: HeldOut
    out_of_fold: Reals

    @property
    def fold(self) -> Ints:
        """The fold in which each row was held out."""
        return self.held_out.fold

    def probabilities(self, features: NDArray[np.float32]) -> Reals:
        """Give calibrated probabilities, shape (n, classes), of rows of features; NaN is missing."""
        return self.calibration.applied(np.asarray(self.booster.inplace_predict(features), dtype=np.float64))

    def answers(self, probabilities: Reals) -> Ints:
        """Give the index of the class each row is answered with, before its threshold is asked."""
        return answers(probabilities, self.weights)


def learn(rows: Rows, params: TrainParams) -> Learned:
    """Train, calibrate, and choose weights and thresholds; the same rows and parameters give the same bytes.

    Parameters
    ----------
    rows : Rows
        At least two classes.
    params : TrainParams
        The knobs; a search is the caller's (`search.search`).
    """
    booster, held_out = boosted(rows, params)
    calibration = calibrate(
        held_out.probabilities, rows.truth, held_out.fold, rows.class_weights(params.class_weight), params.seed
    )
    probabilities = calibration.applied(held_out.probabilities)
    weights = fit_weights(probabilities, rows.truth)
    thresholds = fit_thresholds(probabilities, answers(probabilities, weights), rows.truth, params.target_precision)
    return Learned(booster, calibration, weights, thresholds, held_out.rounds, held_out, probabilities)
