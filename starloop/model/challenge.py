"""A trained model becomes a registered version, is judged, and is promoted where it wins."""

import json
from typing import Any

import pyarrow.parquet as pq

from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.gate import decide
from starloop.model.params import GateParams
from starloop.model.registry import Registry
from starloop.nights.store import Home


def challenge(home: Home, registry: Registry, params: GateParams, by: str) -> dict[str, Any]:
    """Register the home's model and put it before the gate.

    Parameters
    ----------
    home : Home
        Has the model, its evaluation, and the data set with the frozen test rows.
    registry : Registry
        Where it goes.
    params : GateParams
        What it must show.
    by : str
        Why it was trained; kept with a promotion.

    Returns
    -------
    dict
        ``version``, ``promoted``, ``reasons`` (one sentence a condition) and ``scores``.

    Raises
    ------
    NotPromoted
        When another champion appeared meanwhile.
    """
    metrics = json.loads((home.evaluation / "metrics.json").read_text())
    version, champion = registry.register(home.model, metrics), registry.champion()
    if champion == version:
        return {"version": version, "promoted": False, "reasons": ["it is the champion already"], "scores": {}}
    old = Classifier.load(registry.fetch(champion, home.version(champion))) if champion is not None else None
    verdict = decide(Classifier.load(home.model), old, labelled(pq.read_table(home.dataset), "test"), params)
    if verdict.promote:
        registry.promote(version, champion, by)
    return {"version": version, "promoted": verdict.promote, "reasons": verdict.reasons, "scores": verdict.scores}
