"""What a careless split would have promised: rows of the same objects on both sides."""

from dataclasses import dataclass

import numpy as np

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Headline, headline_of
from starloop.evaluation.intervals import Interval, interval, resampled
from starloop.evaluation.sample import Sample
from starloop.model.boosting import Rows, boosted, folds
from starloop.model.bundle import matrix
from starloop.model.calibration import Ints
from starloop.model.evaluation import confusion, macro_f1
from starloop.model.params import TrainParams

LENGTHS = ("16", "64", "256", "all")
"""Snapshots of one object, as its nightly partitions hold them."""
FOLDS = 5


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
