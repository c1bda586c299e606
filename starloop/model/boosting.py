"""Gradient-boosted trees on one thread: the same rows and seed give the same bytes."""

from dataclasses import dataclass

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from starloop.model.calibration import Ints, Reals
from starloop.model.params import TrainParams


@dataclass(frozen=True)
class Rows:
    """Training rows.

    Parameters
    ----------
    features : ndarray, shape (n, features)
        NaN where a value is missing.
    truth : ndarray, shape (n,)
        Index of the class.
    group : ndarray, shape (n,)
        Position on the sky; one group is never on both sides of a fold.
    names : list of str
        The features' names.
    classes : int
        Number of classes.
    """

    features: NDArray[np.float32]
    truth: Ints
    group: Ints
    names: list[str]
    classes: int

    def matrix(self, chosen: NDArray[np.bool_]) -> xgb.DMatrix:
        """Give some rows to xgboost; every class weighs the same in total."""
        truth = self.truth[chosen]
        counts = np.bincount(truth, minlength=self.classes)
        weights = (len(truth) / (self.classes * np.maximum(counts, 1)))[truth]
        return xgb.DMatrix(self.features[chosen], truth, weight=weights, feature_names=self.names, nthread=1)


def folds(rows: Rows, number: int, seed: int) -> Ints:
    """Deal the rows into folds: groups stay whole, classes are spread evenly.

    Returns
    -------
    ndarray, shape (n,)
        The fold in which each row is held out.
    """
    groups, first, of = np.unique(rows.group, return_index=True, return_inverse=True)
    shuffled = np.random.default_rng(seed).permutation(len(groups))
    dealt = np.lexsort((shuffled, rows.truth[first]))
    fold = np.empty(len(groups), dtype=np.int64)
    fold[dealt] = np.arange(len(groups)) % number
    result: Ints = fold[of]
    return result


def out_of_fold(rows: Rows, params: TrainParams) -> tuple[Reals, int]:
    """Predict every row with a model that has not seen its position.

    Returns
    -------
    probabilities : ndarray, shape (n, classes)
        Uncalibrated.
    rounds : int
        Median over the folds of the round at which the held-out loss was least.
    """
    fold = folds(rows, params.folds, params.seed)
    probabilities = np.empty((len(fold), rows.classes))
    rounds = []
    for number in np.unique(fold):
        held_out = fold == number
        inside, outside = rows.matrix(~held_out), rows.matrix(held_out)
        booster = xgb.train(
            _settings(rows, params),
            inside,
            params.rounds,
            evals=[(outside, "held_out")],
            early_stopping_rounds=params.patience,
            verbose_eval=False,
        )
        best = booster.best_iteration + 1
        probabilities[held_out] = booster.predict(outside, iteration_range=(0, best))
        rounds.append(best)
    return probabilities, int(np.median(rounds))


def boosted(rows: Rows, params: TrainParams, rounds: int) -> xgb.Booster:
    """Train on all rows."""
    everything = np.ones(len(rows.truth), dtype=bool)
    return xgb.train(_settings(rows, params), rows.matrix(everything), rounds)


def _settings(rows: Rows, params: TrainParams) -> dict[str, object]:
    return {
        "objective": "multi:softprob",
        "num_class": rows.classes,
        "eval_metric": "mlogloss",
        "tree_method": "hist",
        "max_depth": params.max_depth,
        "eta": params.eta,
        "nthread": 1,
        "seed": params.seed,
    }
