"""The nightly drift check: the last scored nights against the champion's training reference."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.drift.decision import Verdict, decide
from starloop.drift.measure import measure
from starloop.drift.page import write_page
from starloop.drift.params import DriftParams
from starloop.drift.quality.rows import SOURCES
from starloop.drift.seen import Seen
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.ledger import Ledger
from starloop.nights.store import Home, write_json

if TYPE_CHECKING:
    from starloop.model.bundle import Bundle


def check(home: Home, night: Night, bundle: "Bundle", params: DriftParams) -> Verdict:
    """Compare the last scored nights with the champion's training reference, and decide.

    Writes ``verdict.json`` into the night's drift folder, so that an event lost on its way can be sent
    again, and Evidently's pages of the nights that moved when the verdict is not ``none``.

    Parameters
    ----------
    home : Home
        Its predictions, features, good rows and ledgers are read.
    night : Night
        The night the check ends at.
    bundle : Bundle
        The champion's; its ``reference`` is what the nights are compared with.
    params : DriftParams
        How many nights must agree, and on how many objects.

    Raises
    ------
    BadInput
        When a scored night's features or good rows are not there or lack an object or a feature.
    """
    reference, folder = bundle.reference, home.drift(night)
    seen = {str(one): read(home, one) for one in _scored(home, night, params)}
    nightly = [measure(reference, one, params) for one in seen.values()]
    verdict = decide(nightly, params)
    for name in verdict.nights:
        write_page(reference, seen[name], params.fewest_objects, folder / f"{name}.html")
    write_json(
        {"verdict": verdict.as_dict(), "nights": nightly, "params": params.model_dump()}, folder / "verdict.json"
    )
    return verdict


def read(home: Home, night: Night) -> Seen:
    """Read what a scored night left in the home; raise `BadInput` where something of it is gone."""
    answers = pq.read_table(home.predictions(night))
    shares = np.column_stack([answers[name].to_numpy() for name in answers.column_names if name.startswith("p_")])
    confidence = pa.array(shares.max(axis=1) if len(shares) else [], pa.float64())
    predictions = answers.select(["oid", "decision"]).append_column("confidence", confidence)
    features = _table(home.features / f"{night}.parquet", night)
    active = features.filter(pc.is_in(features["oid"], value_set=predictions["oid"].combine_chunks()))
    if active.num_rows < predictions.num_rows:
        lost = predictions.num_rows - active.num_rows
        raise BadInput(f"the features of {night} lack {lost} of the objects scored then: process {night} again")
    tables = {one.table: _table(home.good(night) / f"{one.table}.parquet", night) for one in SOURCES}
    return Seen(str(night), active, predictions, tables, _quarantined(home, night))


def _scored(home: Home, night: Night, params: DriftParams) -> list[Night]:
    """Give the last scored nights with enough objects, and the night itself when it is scored; oldest first."""
    paths = sorted(home.predictions(night).parent.glob("*.parquet"), reverse=True)
    chosen: list[Night] = []
    for path in paths:
        candidate = Night.parse(path.stem)
        enough = pq.read_metadata(path).num_rows >= params.minimum_objects
        if candidate == night or (candidate < night and enough):
            chosen.append(candidate)
        if len(chosen) == params.nights:
            break
    return chosen[::-1]


def _table(path: Path, night: Night) -> pa.Table:
    if not path.is_file():
        raise BadInput(f"{path} is missing though the night was scored: process {night} again before its drift check")
    return pq.read_table(path)


def _quarantined(home: Home, night: Night) -> dict[str, float]:
    if not home.ledger(night).is_file():
        return {}
    counts = Ledger.load(home.ledger(night)).sources.items()
    return {source: n.quarantined / n.rows_received for source, n in counts if n.rows_received}
