"""A night's objects: what the champion says of each, beside what was said of it the last time before."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.errors import BadInput
from starloop.model.decision import UNCERTAIN
from starloop.nights.calendar import Night
from starloop.nights.store import Home

LOOK_BACK = 30
"""Scored nights in which an object's earlier answer is looked for: within a month a field is seen again."""
FIRST, CLASSIFIED, CHANGED, LOST, SAME = "first", "classified", "changed", "lost", "same"
"""What is new of an object: never scored before; uncertain before; of another class before; of one before and uncertain
now; none of these."""

_PROBABILITY = "p_"
SCHEMA = pa.schema(
    [
        ("oid", pa.string()),
        ("decision", pa.string()),
        ("best", pa.string()),
        ("probability", pa.float64()),
        ("second", pa.string()),
        ("second_probability", pa.float64()),
        ("uncertainty", pa.float64()),
        ("anomaly", pa.float64()),
        ("points", pa.int64()),
        ("news", pa.string()),
        ("before", pa.string()),
        ("before_night", pa.string()),
        ("before_version", pa.int64()),
        ("version", pa.int64()),
        ("prediction_id", pa.string()),
    ]
)


def scored_nights(home: Home) -> list[Night]:
    """Give the nights that were scored, the oldest first."""
    return [Night.parse(path.stem) for path in sorted((home.root / "predictions").glob("????-??-??.parquet"))]


def scored(home: Home, night: Night) -> pa.Table:
    """Give what a scored night's predictions come to, an object a row.

    Parameters
    ----------
    home : Home
        Its predictions of the night and of those before are read, and the night's features where they are there.
    night : Night
        The night.

    Returns
    -------
    pyarrow.Table
        Columns of `SCHEMA`, sorted by oid. ``best`` is the class that is named or, where the decision is
        ``uncertain``, the most probable one; ``second`` the most probable of the others. ``uncertainty`` is the
        entropy of the probabilities over that of knowing nothing, 0 to 1 (Shannon 1948,
        doi:10.1002/j.1538-7305.1948.tb01338.x). ``anomaly`` is the share of the training objects that are less odd,
        null where the model cannot tell. ``points`` is the number of usable alert detections in g and r. ``news`` is
        null on the first night that was scored, when there is nothing to compare with.

    Raises
    ------
    BadInput
        When the night was not scored.
    """
    path = home.predictions(night)
    if not path.is_file():
        raise BadInput(f"night {night} has no predictions: run `starloop nightly {night}`, or choose a scored night")
    answers = pq.read_table(path).sort_by("oid")
    names = [name for name in answers.column_names if name.startswith(_PROBABILITY)]
    classes = np.array([name.removeprefix(_PROBABILITY) for name in names], dtype=object)
    shares = np.column_stack([answers[name].to_numpy() for name in names])
    rows = np.arange(len(shares))
    decisions = np.array(answers["decision"].to_pylist(), dtype=object)
    best = np.where(decisions == UNCERTAIN, classes[shares.argmax(axis=1)], decisions)
    place = np.searchsorted(classes, best, sorter=classes.argsort())
    place = classes.argsort()[place]
    others = shares.copy()
    others[rows, place] = -1.0
    second = others.argmax(axis=1)
    columns = {
        "oid": answers["oid"],
        "decision": answers["decision"],
        "best": best,
        "probability": shares[rows, place],
        "second": classes[second],
        "second_probability": shares[rows, second],
        "uncertainty": _entropy(shares),
        "anomaly": answers["anomaly"] if "anomaly" in answers.column_names else pa.nulls(len(rows)),
        "points": _points(home, night, answers["oid"]),
        **_news(home, night, answers),
        "version": answers["model_version"],
        "prediction_id": answers["prediction_id"],
    }
    return pa.table([_column(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA)


def _column(values: Any, kind: pa.DataType) -> pa.ChunkedArray | pa.Array:
    return values.cast(kind) if isinstance(values, pa.ChunkedArray | pa.Array) else pa.array(values, kind)


def _entropy(shares: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    known = np.where(shares > 0.0, shares, 1.0)
    entropy: np.ndarray[Any, np.dtype[np.float64]] = -(known * np.log(known)).sum(axis=1) / np.log(shares.shape[1])
    return entropy.clip(0.0, 1.0)


def _points(home: Home, night: Night, oids: pa.ChunkedArray) -> pa.Array:
    path = home.features / f"{night}.parquet"
    if not path.is_file():
        return pa.nulls(len(oids))
    counts = ("g_observation_count", "r_observation_count")
    table = pq.read_table(path, columns=["oid", *counts])
    whole = sum(np.nan_to_num(table[name].to_numpy()) for name in counts)
    return pa.array(whole, pa.int64()).take(pc.index_in(oids, value_set=table["oid"].combine_chunks()))


def _news(home: Home, night: Night, answers: pa.Table) -> dict[str, list[Any]]:
    """Give what is new of each object, and the answer before with its night and the version that gave it."""
    earlier = [one for one in scored_nights(home) if one < night][-LOOK_BACK:]
    oids, decisions = answers["oid"].combine_chunks(), answers["decision"].to_pylist()
    before, nights, versions = (np.full(len(oids), None, dtype=object) for _ in range(3))
    unseen = np.arange(len(oids))
    for one in reversed(earlier):
        told = pq.read_table(home.predictions(one), columns=["oid", "decision", "model_version"])
        place = pc.index_in(oids.take(pa.array(unseen)), value_set=told["oid"].combine_chunks())
        known = place.is_valid().to_numpy(zero_copy_only=False)
        found, rows = unseen[known], told.take(place.drop_null())
        before[found] = rows["decision"].to_pylist()
        nights[found] = str(one)
        versions[found] = rows["model_version"].to_pylist()
        unseen = unseen[~known]
    return {
        "news": [_what(old, now) if earlier else None for old, now in zip(before, decisions, strict=True)],
        "before": before.tolist(),
        "before_night": nights.tolist(),
        "before_version": versions.tolist(),
    }


def _what(before: str | None, now: str) -> str:
    if before is None:
        return FIRST
    if before == now:
        return SAME
    if before == UNCERTAIN:
        return CLASSIFIED
    return LOST if now == UNCERTAIN else CHANGED
