"""Train on the past, test on the future: what a survey would have had at a date, and what came after."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Headline, headline
from starloop.evaluation.lengths import cut_features
from starloop.evaluation.sample import Sample
from starloop.features.schema import NAMES
from starloop.model.bundle import matrix
from starloop.model.learning import learn
from starloop.model.params import TrainParams

PAST = 0.7
"""Share of the objects that were first seen before the date."""


@dataclass(frozen=True)
class TimeForward:
    """The date (MJD, days), the objects trained on, and how those first seen later fare."""

    mjd: float
    trained_on: int
    headline: Headline


def time_forward(sample: Sample, params: TrainParams) -> TimeForward:
    """Train on light curves as they were at the date, test on objects first seen later.

    Training light curves end at the date; only labels may be younger, as a spectrum is often taken later. An object at
    the position of a later one is not trained on.
    """
    mjd = float(np.floor(np.quantile(sample.first, PAST)))
    later = sample.first >= mjd
    past = ~later & ~np.isin(sample.group, sample.group[later])
    ends = pa.table({"oid": sample.whole["oid"], "end": np.where(later, np.inf, mjd)})
    known = cut_features(sample.tables, sample.tess_folder, sample.whole, ends)
    learned = learn(sample.rows(known, past), params)
    probabilities = learned.probabilities(matrix(sample.whole, list(NAMES))[later])
    found = headline(Answers(sample.classes, sample.truth[later], probabilities, learned.answers(probabilities)))
    return TimeForward(mjd, int(past.sum()), found)
