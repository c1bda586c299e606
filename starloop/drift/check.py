"""The nightly drift check: the last scored nights against the champion's training reference."""

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from starloop.drift import trend
from starloop.drift.decision import Verdict, decide
from starloop.drift.measure import measure
from starloop.drift.page import write_page
from starloop.drift.params import DriftParams
from starloop.drift.reading import read
from starloop.errors import OldModel
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_json

if TYPE_CHECKING:
    from starloop.model.bundle import Bundle


def check(home: Home, night: Night, bundle: "Bundle", params: DriftParams) -> Verdict:
    """Compare the last scored nights with the champion's training reference, and decide.

    Writes ``verdict.json`` into the night's drift folder, so that an event lost on its way can be sent
    again, Evidently's pages of the nights that moved when the verdict is not ``none``, and the page of all nights,
    ``index.html`` beside the nights' folders.

    Parameters
    ----------
    home : Home
        Its predictions, features, good rows, ledgers and data set are read.
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
    OldModel
        When an earlier form of the code described the champion's training data.
    """
    reference, folder = bundle.reference, home.drift(night)
    if not {"night", "held_out"} <= reference.keys():
        raise OldModel("the champion's drift reference is of an earlier form: train again with `starloop retrain`")
    seen = {str(one): read(home, one, bundle) for one in _scored(home, night, params)}
    nightly = [measure(reference, one, params, bundle.metrics["accuracy"]) for one in seen.values()]
    verdict = decide(nightly, params)
    for name in verdict.nights:
        write_page(reference, seen[name], params.fewest_objects, folder / f"{name}.html")
    write_json(
        {"verdict": verdict.as_dict(), "nights": nightly, "params": params.model_dump()}, folder / "verdict.json"
    )
    trend.write(home, params)
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
