"""How odd an object is among those a model was trained on, whatever its class: an isolation forest.

A tree cuts the features at random places until every object is alone; what is odd is alone after few cuts. Nobody
is odd for what was not measured: the trees are grown as if it were, what an object lacks drawn from those that have it;
and a cut through a feature that an object lacks tells nothing of it, so that it goes to both sides, in the shares of
the training objects that went there.

References
----------
Liu, Ting & Zhou 2008, doi:10.1109/ICDM.2008.17
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from starloop.model.calibration import Ints, Reals

TREES = 200
SAMPLE = 256
"""Training objects a tree is grown on."""
_ASKED = 10_000
"""Training objects, evenly spread, whose path lengths the others are held against."""
_STEPS = 1_000
"""Shares of the training objects at which their path length is kept."""
_AT_ONCE = 64
"""Rows that go down the trees together: what they need of memory stays in the processor's cache."""
_EULER = 0.5772156649


@dataclass(frozen=True)
class Forest:
    """The trees as plain arrays, one value a node: all roots, then all nodes one cut below them, and so on.

    They need no scikit-learn to be read, and outlive its versions.

    Parameters
    ----------
    levels : ndarray, shape (depth,)
        Nodes a level. The nodes below the n-th cut of a level are the 2n-th and the one after it of the next level.
    feature : ndarray of int32, shape (nodes,)
        Which feature is cut, -1 where a tree ends.
    threshold : ndarray, shape (nodes,)
        A feature not above it goes to the left.
    share : ndarray, shape (nodes,)
        Share of the node's training objects that went to the left.
    length : ndarray, shape (nodes,)
        What the node adds to a path: one cut, or at an end those it would take to tell its training objects apart.
    known : ndarray, shape (steps,)
        Path lengths of the training objects, from the oddest, at evenly spaced shares of them.
    """

    levels: Ints
    feature: NDArray[np.int32]
    threshold: Reals
    share: Reals
    length: Reals
    known: Reals

    @classmethod
    def read(cls, written: bytes) -> "Forest":
        """Read what `written` gave."""
        with np.load(io.BytesIO(written), allow_pickle=False) as arrays:
            return cls(**arrays)

    def written(self) -> bytes:
        """Give the forest as a file's bytes (NumPy's .npz)."""
        file = io.BytesIO()
        np.savez(file, **vars(self))
        return file.getvalue()

    def anomaly(self, features: NDArray[np.float32]) -> Reals:
        """Give the share of the training objects that are less odd than each row.

        Parameters
        ----------
        features : ndarray, shape (n, features)
            NaN is missing.

        Returns
        -------
        ndarray, shape (n,)
            Between 0 and 1, higher is odder. A row odder than all training objects is short of 1 by less than a step,
            the less the odder it is.
        """
        steps = len(self.known)
        # No path is shorter than nothing, nor longer than two cuts for each object of a tree's sample.
        lengths = np.concatenate([[0.0], self.known, [2.0 * SAMPLE]])
        shares = np.concatenate([[1.0], 1.0 - np.arange(1, steps + 1) / (steps + 1), [0.0]])
        result: Reals = np.interp(self.path_lengths(features), lengths, shares)
        return result

    def path_lengths(self, features: NDArray[np.float32]) -> Reals:
        """Give each row's expected number of cuts until it is alone, shape (n,): its mean over the trees."""
        parts = [self._down(features[first : first + _AT_ONCE]) for first in range(0, len(features), _AT_ONCE)]
        return np.concatenate([np.empty(0), *parts])

    def _down(self, rows: NDArray[np.float32]) -> Reals:
        reach = np.ones((len(rows), self.levels[0]))
        total = np.zeros(len(rows))
        for first, last in self._places():
            # Summed row by row: a row's last bits must not depend on the rows beside it.
            total += (reach * self.length[first:last]).sum(axis=1)
            cut = self.feature[first:last] >= 0
            values = rows[:, self.feature[first:last][cut]]
            left = (values <= self.threshold[first:last][cut]).astype(np.float64)
            np.copyto(left, self.share[first:last][cut], where=np.isnan(values))
            came = reach[:, cut]
            reach = np.empty((len(rows), 2 * came.shape[1]))
            np.multiply(came, left, out=reach[:, 0::2])
            np.subtract(came, reach[:, 0::2], out=reach[:, 1::2])
        mean: Reals = total / self.levels[0]
        return mean

    def _places(self) -> Iterator[tuple[int, int]]:
        ends = np.cumsum(self.levels).tolist()
        return zip([0, *ends], ends, strict=False)


def grow(features: NDArray[np.float32], seed: int) -> Forest:
    """Grow the forest of training objects; the same rows and seed give the same bytes.

    Parameters
    ----------
    features : ndarray, shape (n, features)
        NaN is missing.
    seed : int
        Of the trees' samples and cuts.
    """
    from sklearn.ensemble import IsolationForest

    grown = IsolationForest(n_estimators=TREES, max_samples=min(SAMPLE, len(features)), random_state=seed)
    trees = [estimator.tree_ for estimator in grown.fit(_filled(features, seed)).estimators_]
    inside = np.cumsum([0, *(tree.node_count for tree in trees)])
    told = {
        name: np.concatenate([getattr(tree, name) for tree in trees])
        for name in ("feature", "threshold", "n_node_samples", "children_left", "children_right")
    }
    offset = np.repeat(inside[:-1], np.diff(inside))
    cut = told["children_left"] >= 0
    below = np.stack([told["children_left"], told["children_right"]], axis=1) + offset[:, None]
    levels = [inside[:-1]]
    while (inner := levels[-1][cut[levels[-1]]]).size:
        levels.append(below[inner].ravel())
    order, objects = np.concatenate(levels), told["n_node_samples"].astype(np.float64)
    forest = Forest(
        levels=np.array([len(level) for level in levels]),
        feature=np.where(cut, told["feature"], -1)[order].astype(np.int32),
        threshold=np.where(cut, told["threshold"], 0.0)[order],
        share=np.where(cut, objects[below[:, 0] * cut] / objects, 0.0)[order],
        length=np.where(cut, 1.0, _cuts_among(objects))[order],
        known=np.empty(0),
    )
    lengths = forest.path_lengths(features[:: -(-len(features) // _ASKED)])
    return Forest(**{**vars(forest), "known": np.quantile(lengths, np.linspace(0, 1, _STEPS))})


def _filled(features: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Draw each missing value from the objects that have it; a feature nobody has is never cut."""
    rng = np.random.default_rng(seed)
    filled = features.copy()
    for column in filled.T:
        missing = np.isnan(column)
        column[missing] = 0.0 if missing.all() else rng.choice(column[~missing], int(missing.sum()))
    return filled


def _cuts_among(objects: Reals) -> Reals:
    """Give the mean path length among so many objects: equation 1 of Liu et al., as a search tree's failed look-up."""
    many = np.maximum(objects, 3.0)
    cuts = 2.0 * (np.log(many - 1.0) + _EULER) - 2.0 * (many - 1.0) / many
    return np.where(objects > 2, cuts, np.where(objects == 2, 1.0, 0.0))
