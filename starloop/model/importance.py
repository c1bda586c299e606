"""Which features the answers rest on: the trees' exact Shapley values."""

from typing import Any

import numpy as np
import pyarrow as pa
import xgboost as xgb
from numpy.typing import NDArray

from starloop.errors import BadInput
from starloop.model.boosting import HeldOut, Rows
from starloop.model.bundle import Classifier, matrix
from starloop.model.calibration import Reals

MOST_ROWS = 1_000
"""Held-out rows that are looked at, spread evenly over the classes."""


def contributions(booster: xgb.Booster, features: NDArray[np.float32], names: list[str]) -> Reals:
    """Give what each feature adds to the logarithm of each class's odds against the others.

    The classes' margins mean something only against each other, so each feature's mean over the classes is taken off.

    Parameters
    ----------
    booster : xgboost.Booster
        Of several classes.
    features : ndarray, shape (n, features)
        NaN is missing.
    names : list of str
        The features' names.

    Returns
    -------
    ndarray, shape (n, classes, features)
        Natural logarithms, before calibration.

    References
    ----------
    Lundberg et al. 2020, doi:10.1038/s42256-019-0138-9
    """
    rows = xgb.DMatrix(features, feature_names=names, nthread=1)
    told = np.asarray(booster.predict(rows, pred_contribs=True, strict_shape=True), dtype=np.float64)[:, :, :-1]
    result: Reals = told - told.mean(axis=1, keepdims=True)
    return result


def importances(rows: Rows, held_out: HeldOut, classes: list[str], seed: int) -> dict[str, Any]:
    """Give the mean size of each feature's contributions to rows the booster has not seen.

    Parameters
    ----------
    rows : Rows
        The training rows.
    held_out : HeldOut
        The boosters that have not seen them.
    classes : list of str
        Names of the classes.
    seed : int
        Of the choice of rows.

    Returns
    -------
    dict
        ``rows`` that were looked at; ``overall``: each feature and its mean over rows and classes; ``classes``: the
        same for each class, over that class's rows. What contributes most comes first.
    """
    chosen = _spread(rows, seed)
    size = np.zeros((len(chosen), rows.classes, len(rows.names)))
    for number, booster in zip(np.unique(held_out.fold), held_out.boosters, strict=True):
        mine = held_out.fold[chosen] == number
        if mine.any():
            size[mine] = np.abs(contributions(booster, rows.features[chosen[mine]], rows.names))
    truth = rows.truth[chosen]
    own = size[np.arange(len(chosen)), truth]
    return {
        "rows": len(chosen),
        "overall": _named(rows.names, size.mean(axis=(0, 1))),
        "classes": {name: _named(rows.names, own[truth == n].mean(axis=0)) for n, name in enumerate(classes)},
    }


def deciding(classifier: Classifier, features: pa.Table, k: int = 5) -> list[tuple[str, float | None, float]]:
    """Name the features that decided the class of one object.

    Parameters
    ----------
    classifier : Classifier
        The model that answered.
    features : pa.Table
        One row with the model's features; nulls are missing values.
    k : int
        How many features.

    Returns
    -------
    list of (name, value, contribution)
        The largest contributions to the answered class first, for (positive) or against it (negative), in natural
        logarithms of its odds; the value is None where it is missing.

    Raises
    ------
    BadInput
        When there is not one row, or a feature is missing from the table.
    """
    if features.num_rows != 1:
        raise BadInput(
            f"what decided is told of one object at a time, and {features.num_rows} were given: give one row"
        )
    names = classifier.bundle.features
    values = matrix(features, names)
    answer = int(classifier.bundle.answers(classifier.probabilities(features))[0])
    told = contributions(classifier.booster, values, names)[0, answer]
    order = np.argsort(-np.abs(told), kind="stable")[:k].tolist()
    return [
        (names[n], None if np.isnan(values[0, n]) else float(values[0, n]), round(float(told[n]), 6)) for n in order
    ]


def _spread(rows: Rows, seed: int) -> NDArray[np.int64]:
    """Choose rows at random, of each class as many as of any other while they last."""
    shuffled = np.random.default_rng(seed).permutation(len(rows.truth))
    turn = np.empty(len(shuffled), dtype=np.int64)
    for number in range(rows.classes):
        mine = shuffled[rows.truth[shuffled] == number]
        turn[mine] = np.arange(len(mine))
    chosen: NDArray[np.int64] = np.sort(shuffled[np.argsort(turn[shuffled], kind="stable")[:MOST_ROWS]])
    return chosen


def _named(names: list[str], values: Reals) -> list[tuple[str, float]]:
    order = np.argsort(-values, kind="stable").tolist()
    return [(names[n], round(float(values[n]), 6)) for n in order]
