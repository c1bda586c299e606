"""Gradient-boosted trees, each booster on one thread: the same rows and seed give the same bytes on any machine."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray

from starloop.model.calibration import Ints, Reals
from starloop.model.params import TrainParams

_TOGETHER = 2
"""Folds that are trained at the same time; xgboost lets go of Python meanwhile."""
_MANY_ROWS, _FEW_FOLDS = 20_000, 2
"""Of so many rows half are enough to say what a booster makes of the other half."""
_ASKED = 10_000
"""Held-out rows whose loss is looked at after each round."""


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

    def class_weights(self, power: float) -> Reals:
        """Give what a row of each class weighs: its rarity to a power, one in the mean over the rows."""
        counts = np.maximum(np.bincount(self.truth, minlength=self.classes), 1)
        weights = (len(self.truth) / counts) ** power
        result: Reals = weights / weights[self.truth].mean()
        return result


@dataclass(frozen=True)
class HeldOut:
    """What boosters say of rows whose positions they have not seen.

    Parameters
    ----------
    fold : ndarray, shape (n,)
        The fold in which each row is held out.
    probabilities : ndarray, shape (n, classes)
        Uncalibrated.
    boosters : list of xgboost.Booster
        One a fold, cut at the round at which the held-out loss was least.
    """

    fold: Ints
    probabilities: Reals
    boosters: list[xgb.Booster]

    @property
    def rounds(self) -> int:
        """Median over the folds of the best round."""
        return int(np.median([booster.num_boosted_rounds() for booster in self.boosters]))


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


def hold_out(rows: Rows, params: TrainParams) -> HeldOut:
    """Predict every row with a booster that has not seen its position, stopped early on the rows held out."""
    with ThreadPoolExecutor(_TOGETHER) as pool:
        return _held_out(rows, params, pool)


def boosted(rows: Rows, params: TrainParams) -> tuple[xgb.Booster, HeldOut]:
    """Train on all rows, for as many rounds as the folds found best."""
    with ThreadPoolExecutor(_TOGETHER) as pool:
        # It does not wait to be told the rounds: what it grows beyond them is cut off again.
        everything = pool.submit(grown, rows, params)
        held_out = _held_out(rows, params, pool)
        return everything.result()[: held_out.rounds], held_out


def _held_out(rows: Rows, params: TrainParams, pool: ThreadPoolExecutor) -> HeldOut:
    few = min(params.folds, _FEW_FOLDS) if len(rows.truth) > _MANY_ROWS else params.folds
    fold = folds(rows, few, params.seed)
    numbers = np.unique(fold)
    boosters = list(pool.map(lambda number: _stopped(rows, params, fold == number), numbers))
    probabilities = np.empty((len(fold), rows.classes))
    for number, booster in zip(numbers, boosters, strict=True):
        probabilities[fold == number] = booster.inplace_predict(rows.features[fold == number])
    return HeldOut(fold, probabilities, boosters)


def grown(rows: Rows, params: TrainParams) -> xgb.Booster:
    """Train on all rows for as many rounds as the knobs say."""
    chosen = np.ones(len(rows.truth), dtype=bool)
    return xgb.train(_settings(rows, params), _quantised(rows, params, chosen), params.rounds)


def _stopped(rows: Rows, params: TrainParams, held_out: NDArray[np.bool_]) -> xgb.Booster:
    inside = _quantised(rows, params, ~held_out)
    asked = np.zeros_like(held_out)
    out = np.flatnonzero(held_out)
    asked[out[:: -(-len(out) // _ASKED)]] = True
    booster = xgb.train(
        _settings(rows, params),
        inside,
        params.rounds,
        evals=[(_quantised(rows, params, asked, inside), "held_out")],
        early_stopping_rounds=params.patience,
        verbose_eval=False,
    )
    return booster[: booster.best_iteration + 1]


def _quantised(
    rows: Rows, params: TrainParams, chosen: NDArray[np.bool_], like: xgb.QuantileDMatrix | None = None
) -> xgb.QuantileDMatrix:
    truth = rows.truth[chosen]
    return xgb.QuantileDMatrix(
        rows.features[chosen],
        truth,
        weight=rows.class_weights(params.class_weight)[truth],
        feature_names=rows.names,
        nthread=1,
        max_bin=params.max_bin,
        ref=like,
    )


def _settings(rows: Rows, params: TrainParams) -> dict[str, object]:
    return {
        "objective": "multi:softprob",
        "num_class": rows.classes,
        "eval_metric": "mlogloss",
        "tree_method": "hist",
        "max_depth": params.max_depth,
        "eta": params.eta,
        "min_child_weight": params.min_child_weight,
        "subsample": params.subsample,
        "colsample_bytree": params.colsample_bytree,
        "max_bin": params.max_bin,
        "nthread": 1,
        "seed": params.seed,
    }
