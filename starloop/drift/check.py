"""The nightly drift check: the last scored nights against the champion's training reference."""

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.drift.comparison import compare, write_page
from starloop.drift.decision import Verdict, decide
from starloop.drift.params import DriftParams
from starloop.errors import BadInput
from starloop.nights.calendar import Night
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
        Its predictions and features are read.
    night : Night
        The night the check ends at.
    bundle : Bundle
        The champion's; its ``reference`` is what the nights are compared with.
    params : DriftParams
        The thresholds.

    Raises
    ------
    BadInput
        When a scored night's features are not there or lack an object or a feature.
    """
    reference = bundle.reference
    nights = _scored(home, night, params)
    tables = {str(one): _read(home, one, list(reference["features"])) for one in nights}
    nightly = [{"night": name, **compare(reference, *both, params)} for name, both in tables.items()]
    verdict = decide(nightly, params)
    folder = home.drift(night)
    for name in verdict.nights:
        folder.mkdir(parents=True, exist_ok=True)
        write_page(reference, *tables[name], params, folder / f"{name}.html")
    write_json(
        {"verdict": verdict.as_dict(), "nights": nightly, "params": params.model_dump()}, folder / "verdict.json"
    )
    return verdict


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


def _read(home: Home, night: Night, features: list[str]) -> tuple[pa.Table, pa.Table]:
    """Read features and predictions of the objects that were active in a night."""
    predictions = pq.read_table(home.predictions(night), columns=["oid", "decision"])
    path: Path = home.features / f"{night}.parquet"
    if not path.is_file():
        raise BadInput(f"{path} is missing though the night was scored: process {night} again before its drift check")
    table = pq.read_table(path)
    active = table.filter(pc.is_in(table["oid"], value_set=predictions["oid"].combine_chunks()))
    if active.num_rows < predictions.num_rows:
        lost = predictions.num_rows - active.num_rows
        raise BadInput(f"{path} lacks {lost} of the objects scored in {night}: process {night} again")
    return active.select(["oid", *(name for name in features if name in active.column_names)]), predictions
