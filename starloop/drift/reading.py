"""Reading what a scored night left in the home."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.drift.quality.rows import SOURCES
from starloop.drift.seen import Seen
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.ledger import Ledger
from starloop.nights.store import Home

if TYPE_CHECKING:
    from starloop.model.bundle import Bundle

_PROBABILITY = "p_"


def read(home: Home, night: Night, bundle: "Bundle") -> Seen:
    """Read a scored night.

    Parameters
    ----------
    home : Home
        Its predictions, features, good rows, ledger and data set are read.
    night : Night
        The night.
    bundle : Bundle
        The champion's: it says since when labels are new to it.

    Raises
    ------
    BadInput
        When features or good rows are not there, or lack an object that was scored.
    """
    answers = pq.read_table(home.predictions(night))
    shares = [answers[name].to_numpy() for name in answers.column_names if name.startswith(_PROBABILITY)]
    confidence = pa.array(np.max(shares, axis=0), pa.float64())
    features = _table(home.features / f"{night}.parquet", night)
    active = features.filter(pc.is_in(features["oid"], value_set=answers["oid"].combine_chunks()))
    if active.num_rows < answers.num_rows:
        lost = answers.num_rows - active.num_rows
        raise BadInput(f"the features of {night} lack {lost} of the objects scored then: process {night} again")
    return Seen(
        night=str(night),
        features=active,
        predictions=answers.select(["oid", "decision"]).append_column("confidence", confidence),
        tables={one.table: _table(home.good(night) / f"{one.table}.parquet", night) for one in SOURCES},
        quarantined=_quarantined(home, night),
        labelled=_labelled(home, answers, bundle),
    )


def _table(path: Path, night: Night) -> pa.Table:
    if not path.is_file():
        raise BadInput(f"{path} is missing though the night was scored: process {night} again before its drift check")
    return pq.read_table(path)


def _quarantined(home: Home, night: Night) -> dict[str, float]:
    if not home.ledger(night).is_file():
        return {}
    counts = Ledger.load(home.ledger(night)).sources.items()
    return {source: n.quarantined / n.rows_received for source, n in counts if n.rows_received}


def _labelled(home: Home, answers: pa.Table, bundle: "Bundle") -> pa.Table:
    """Give truth and answer of the objects whose label the champion could not know; none if another one answered."""
    nothing = pa.table({"truth": pa.array([], pa.string()), "answer": pa.array([], pa.string())})
    names = [f"{_PROBABILITY}{name}" for name in bundle.classes]
    if not home.dataset.is_file() or not set(names) <= set(answers.column_names):
        return nothing
    known = pq.read_table(home.dataset, columns=["oid", "label", "since"])
    known = known.filter(pc.and_(pc.is_valid(known["label"]), pc.greater(known["since"], bundle.reference["night"])))
    joined = answers.join(known, "oid", join_type="inner").sort_by("oid")
    if not joined.num_rows:
        return nothing
    best = bundle.answers(np.column_stack([joined[name].to_numpy() for name in names]))
    truth = [bundle.trained_as(leaf) for leaf in joined["label"].to_pylist()]
    told = [(true, bundle.classes[one]) for true, one in zip(truth, best.tolist(), strict=True) if true is not None]
    return pa.table({"truth": [true for true, _ in told], "answer": [answer for _, answer in told]}, nothing.schema)
