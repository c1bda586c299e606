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


def describe(
    train: pa.Table, features: Sequence[str], decisions: Sequence[str], confidence: Sequence[float]
) -> dict[str, Any]:
    """Describe the data a model was trained on.

    The sample prefers the objects seen last. A night holds what is active now, and a training set gathered
    over months also holds what has faded since; and after a retraining on a changed sky, the new reference must
    be the changed sky, or the same drift would ask for the next retraining, and so on.

    Parameters
    ----------
    train : pa.Table
        One row an object: ``oid``, ``night`` (the night of its newest features), ``split`` and ``label`` (null where
        there is none), and the features. Held-out and unlabelled objects belong in it too: a night's objects are not
        only labelled ones.
    features : sequence of str
        The model's features, float columns of `train`.
    decisions : sequence of str
        The model's decision for every row of `train`, in its order.
    confidence : sequence of float
        Its highest probability for every row.

    Returns
    -------
    dict
        JSON values: ``night``, the last of the training data; of at most `MOST_ROWS` rows ``features`` (name to
        values, null where missing) and ``decisions``; of at most as many rows the model did not learn from, of which
        it is less sure, ``held_out`` (``decisions``, ``confidence``); and ``objects_per_night`` (objects last seen in
        each of the latest nights). About 2.5 MB for 400 features.

    Raises
    ------
    BadInput
        When there are no rows, a column is missing, or decisions or confidences are not one a row.
    """
    absent = [name for name in ("oid", "night", "split", "label", *features) if name not in train.column_names]
    if absent:
        raise BadInput(f"the drift reference cannot be made: the training table lacks the column {', '.join(absent)}")
    if not train.num_rows == len(decisions) == len(confidence) or train.num_rows == 0:
        raise BadInput(
            f"the drift reference cannot be made from {train.num_rows} training rows, {len(decisions)} decisions and "
            f"{len(confidence)} confidences: give at least one row, and one of each a row"
        )
    nights = pc.cast(train["night"], pa.string()).to_pylist()
    oids = train["oid"].to_pylist()
    chosen = _sample(oids, nights, range(len(oids)))
    learnt = pc.and_(pc.equal(train["split"], "train"), pc.is_valid(train["label"])).to_pylist()
    held_out = _sample(oids, nights, [row for row, one in enumerate(learnt) if not one])
    seen = Counter(nights)
    return {
        "night": max(nights),
        "features": {name: [_short(value) for value in _floats(train[name].take(chosen))] for name in features},
        "decisions": [decisions[row] for row in chosen],
        "held_out": {
            "decisions": [decisions[row] for row in held_out],
            "confidence": [_short(np.float32(confidence[row])) for row in held_out],
        },
        "objects_per_night": {night: seen[night] for night in sorted(seen)[-_MOST_NIGHTS:]},
    }


def _sample(oids: list[str], nights: list[str], rows: Sequence[int]) -> list[int]:
    """Choose of some rows those seen last, at random within a night, independent of the rows' order."""
    by_oid = sorted(rows, key=oids.__getitem__)
    drawn = np.random.default_rng(_SEED).permutation(len(by_oid)).tolist()
    order = dict(zip(by_oid, drawn, strict=True))
    latest = sorted(by_oid, key=order.__getitem__)
    latest.sort(key=nights.__getitem__, reverse=True)
    return sorted(latest[:MOST_ROWS], key=oids.__getitem__)


def _floats(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.asarray(column.to_numpy()).astype(np.float32)


def _short(value: np.float32) -> float | None:
    """Give the shortest decimal that is the same float32, or None where missing."""
    return float(str(value)) if np.isfinite(value) else None
