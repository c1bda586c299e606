"""What a careless split would have promised: rows of the same objects on both sides."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Headline, headline_of
from starloop.evaluation.intervals import Interval, interval, resampled
from starloop.evaluation.sample import Sample
from starloop.model.boosting import Rows, folds, grown
from starloop.model.calibration import Ints, Reals
from starloop.model.evaluation import confusion, macro_f1
from starloop.model.params import TrainParams

LENGTHS = ("16", "64", "256", "all")
"""Snapshots of one object, as its nightly partitions hold them."""
FOLDS = 5
_TOGETHER = 2

Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Gap:
    """The same rows under both splits; intervals are over the objects, with all their rows.

    Parameters
    ----------
    objects, rows : int
        How many, and how many rows they have.
    by_row, grouped : Headline
        Rows dealt at random, and positions kept whole.
    accuracy, macro_f1 : Interval
        By row minus grouped.
    """

    objects: int
    rows: int
    by_row: Headline
    grouped: Headline
    accuracy: Interval
    macro_f1: Interval


def gap(sample: Sample, params: TrainParams) -> Gap:
    """Cross-validate snapshots of the objects under both splits, with the same booster and without calibration.

    Parameters
    ----------
    sample : Sample
        The objects; a snapshot that differs in nothing from a shorter one is no further row.
    params : TrainParams
        The knobs; there are as many rounds as they say.
    """
    rows, owner = snapshot_rows(sample)
    answers = [_asked(sample, rows, params, fold) for fold in both_splits(rows, params.seed)]
    drawn = np.split(resampled(np.hstack([_counts(one, owner, len(sample)) for one in answers])), 2, axis=1)
    size = len(sample.classes)
    matrices = [one.reshape(-1, size, size) for one in drawn]
    heads = [
        headline_of(confusion(one.truth, one.answer, size), draws) for one, draws in zip(answers, matrices, strict=True)
    ]
    macro = [macro_f1(draws) for draws in matrices]
    right = [np.trace(draws, axis1=1, axis2=2) / draws.sum(axis=(1, 2)) for draws in matrices]
    by_row, grouped = heads
    return Gap(
        objects=len(sample),
        rows=len(owner),
        by_row=by_row,
        grouped=grouped,
        accuracy=interval(by_row.accuracy.value - grouped.accuracy.value, right[0] - right[1]),
        macro_f1=interval(by_row.macro_f1.value - grouped.macro_f1.value, macro[0] - macro[1]),
    )


def both_splits(rows: Rows, seed: int) -> tuple[Ints, Ints]:
    """Deal rows into folds at random, and with positions kept whole; each gives the fold of every row."""
    by_row = np.random.default_rng(seed).permutation(len(rows.truth)) % FOLDS
    return by_row, folds(rows, FOLDS, seed)


def snapshot_rows(sample: Sample) -> tuple[Rows, Ints]:
    """Give one row a snapshot, and the number of the object it is of."""
    parts = [sample.rows(sample.features[length]) for length in LENGTHS]
    owner = np.arange(len(sample))
    new = [np.ones(len(sample), dtype=bool)]
    for shorter, longer in pairwise(parts):
        same = (shorter.features == longer.features) | (np.isnan(shorter.features) & np.isnan(longer.features))
        new.append(~same.all(axis=1))
    of = np.concatenate([owner[kept] for kept in new])
    features = np.concatenate([part.features[kept] for part, kept in zip(parts, new, strict=True)])
    return replace(parts[0], features=features, truth=sample.truth[of], group=sample.group[of]), of


def _asked(sample: Sample, rows: Rows, params: TrainParams, fold: Ints) -> Answers:
    def one(number: int) -> tuple[Chosen, Reals]:
        held_out = fold == number
        booster = grown(_only(rows, ~held_out), params)
        return held_out, booster.inplace_predict(rows.features[held_out])

    probabilities = np.empty((len(rows.truth), rows.classes))
    with ThreadPoolExecutor(_TOGETHER) as pool:
        for held_out, said in pool.map(one, range(FOLDS)):
            probabilities[held_out] = said
    return Answers(sample.classes, rows.truth, probabilities, probabilities.argmax(axis=1))


def _only(rows: Rows, kept: Chosen) -> Rows:
    return replace(rows, features=rows.features[kept], truth=rows.truth[kept], group=rows.group[kept])


def _counts(answers: Answers, owner: Ints, objects: int) -> Ints:
    """Count each object's rows by cell of the confusion matrix, shape (objects, classes * classes)."""
    size = len(answers.classes)
    counts = np.zeros((objects, size * size), dtype=np.int64)
    np.add.at(counts, (owner, answers.truth * size + answers.answer), 1)
    return counts
