"""What the champion's training data looked like, small enough to travel in its bundle."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.errors import BadInput

MOST_ROWS = 500
_MOST_NIGHTS = 30
_SEED = 20200101


def describe(train: pa.Table, features: Sequence[str], decisions: Sequence[str]) -> dict[str, Any]:
    """Describe the data a model was trained on.

    The sample prefers the objects seen last. A night holds what is active now, and a training set gathered
    over months also holds what has faded since; and after a retraining on a changed sky, the new reference must
    be the changed sky, or the same drift would ask for the next retraining, and so on.

    Parameters
    ----------
    train : pa.Table
        One row an object: ``oid``, ``night`` (the night of its newest features) and the features. Held-out and
        unlabelled objects belong in it too: a night's objects are not only labelled ones.
    features : sequence of str
        The model's features, float columns of `train`.
    decisions : sequence of str
        The model's decision for every row of `train`, in its order.

    Returns
    -------
    dict
        JSON values, for at most `MOST_ROWS` rows: ``oids``, ``features`` (name to values, null where missing),
        ``missing`` (name to share), ``decisions``, ``class_shares``, ``objects_per_night`` (objects last seen in
        each of the latest nights). About 0.5 MB for 80 features.

    Raises
    ------
    BadInput
        When there are no rows, a column is missing, or the decisions are not one a row.
    """
    absent = [name for name in ("oid", "night", *features) if name not in train.column_names]
    if absent:
        raise BadInput(f"the drift reference cannot be made: the training table lacks the column {', '.join(absent)}")
    if train.num_rows == 0 or len(decisions) != train.num_rows:
        raise BadInput(
            f"the drift reference cannot be made from {train.num_rows} training rows and {len(decisions)} decisions: "
            "give at least one row and one decision a row"
        )
    nights = pc.cast(train["night"], pa.string()).to_pylist()
    chosen = _sample(train["oid"].to_pylist(), nights)
    taken = [decisions[row] for row in chosen]
    values = {name: train[name].take(chosen).to_numpy().astype(np.float32) for name in features}
    seen = Counter(nights)
    return {
        "oids": train["oid"].take(chosen).to_pylist(),
        "features": {name: [_short(value) for value in column] for name, column in values.items()},
        "missing": {name: missing_share(column) for name, column in values.items()},
        "decisions": taken,
        "class_shares": class_shares(taken),
        "objects_per_night": {night: seen[night] for night in sorted(seen)[-_MOST_NIGHTS:]},
    }


def class_shares(decisions: Sequence[str | None]) -> dict[str, float]:
    """Give each decision's share, sorted by name; empty for no decisions."""
    counted = Counter(decision for decision in decisions if decision is not None)
    return {name: round(counted[name] / counted.total(), 6) for name in sorted(counted)}


def missing_share(values: np.ndarray[Any, np.dtype[np.floating[Any]]]) -> float:
    """Give the share of values that are not finite; 0 for none."""
    return round(float(np.mean(~np.isfinite(values))), 6) if len(values) else 0.0


def _sample(oids: list[str], nights: list[str]) -> list[int]:
    """Choose the rows seen last, at random within a night, independent of the rows' order."""
    by_oid = sorted(range(len(oids)), key=oids.__getitem__)
    drawn = np.random.default_rng(_SEED).permutation(len(oids)).tolist()
    order = dict(zip(by_oid, drawn, strict=True))
    latest = sorted(range(len(oids)), key=lambda row: order[row])
    latest.sort(key=nights.__getitem__, reverse=True)
    return sorted(latest[:MOST_ROWS], key=oids.__getitem__)


def _short(value: np.float32) -> float | None:
    """Give the shortest decimal that is the same float32, or None where missing."""
    return float(str(value)) if np.isfinite(value) else None
