"""Rows of overlapping classes, some rare, several rows a position."""

import numpy as np

from starloop.model.boosting import Rows

SHARES = (0.75, 0.15, 0.1)


def noisy(n: int = 600, seed: int = 0, spread: float = 1.0) -> Rows:
    """Draw rows of three classes around their own places; values are missing here and there."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(3), (np.array(SHARES) * n).astype(int))
    places = np.array([[0.0, 0.0], [2.0, 0.5], [0.5, 2.0]])[truth]
    useful = places + spread * rng.normal(size=places.shape)
    features = np.column_stack([useful, rng.normal(size=(len(truth), 2))]).astype(np.float32)
    features[rng.uniform(size=features.shape) < 0.05] = np.nan
    return Rows(features, truth, np.arange(len(truth)) // 3, ["one", "two", "idle", "void"], 3)
