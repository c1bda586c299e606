"""Training: how long for a survey's worth of labels, with calibration, weights and thresholds chosen out of fold."""

import time

import numpy as np

from starloop.model.boosting import Rows
from starloop.model.learning import learn
from starloop.params import Params
from starloop.pipeline import ROOT
from tests.bench.table import Row, show

ROWS, FEATURES, CLASSES = 100_000, 150, 15
MISSING = 0.2
SECONDS = 180
_HIDDEN = 12  # quantities the features are made of


def main() -> bool:
    """Learn from synthetic rows with the knobs of params.yaml."""
    rows = _rows(np.random.default_rng(1))
    params = Params.read(ROOT / "params.yaml").train
    began = time.monotonic()
    learned = learn(rows, params)
    spent = time.monotonic() - began
    chance = np.bincount(rows.truth).max() / ROWS
    wrong = 1 - np.mean(learned.out_of_fold.argmax(axis=1) == rows.truth)
    return show(
        f"Training on {ROWS:,} rows of {FEATURES} features and {CLASSES} classes, {learned.rounds} rounds",
        [
            Row("folds, calibration and the booster of all rows", spent, SECONDS, "s"),
            Row(
                "wrong answers out of fold, over those of always naming the commonest class", wrong / (1 - chance), 0.5
            ),
        ],
    )


def _rows(rng: np.random.Generator) -> Rows:
    """Draw rows whose classes overlap: some hundred times rarer than the commonest, values missing at random."""
    share = 1 / np.arange(1, CLASSES + 1) ** 1.5
    truth = rng.choice(CLASSES, ROWS, p=share / share.sum())
    centre = rng.normal(0, 1.2, (CLASSES, _HIDDEN))
    hidden = centre[truth] + rng.normal(size=(ROWS, _HIDDEN))
    which = rng.integers(0, _HIDDEN, (2, FEATURES))
    features = (
        hidden[:, which[0]] * np.cos(hidden[:, which[1]]) + hidden[:, which[1]] + rng.normal(size=(ROWS, FEATURES))
    )
    features[rng.uniform(size=features.shape) < MISSING] = np.nan
    names = [f"f{number}" for number in range(FEATURES)]
    return Rows(features.astype(np.float32), truth, np.arange(ROWS), names, CLASSES)
