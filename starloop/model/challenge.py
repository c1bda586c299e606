"""A trained model becomes a registered version, is judged, and is promoted where it wins."""

from typing import Any

import pyarrow.parquet as pq

from starloop.errors import OldModel
from starloop.model import retention
from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.gate import decide, first
from starloop.model.registry import Registry
from starloop.nights.store import Home
from starloop.params import Params


def challenge(home: Home, registry: Registry, params: Params, why: str, who: str | None = None) -> dict[str, Any]:
    """Register the home's model and put it before the gate; mark the versions that need not be kept.

    Parameters
    ----------
    home : Home
        Has the model, its evaluation, and the data set with the frozen test rows.
    registry : Registry
        Where it goes.
    params : Params
        What it must show, and how many versions are kept.
    why : str
        Why it was trained; kept with a promotion.
    who : str, optional
        Who asks; kept with a promotion.

    Returns
    -------
    dict
        ``version``, ``promoted``, ``reasons`` (one sentence a condition) and ``scores``.

    Raises
    ------
    NotPromoted
        When another champion appeared meanwhile.
    """
    champion = registry.settle()
    version = registry.register(home.model, home.evaluation)
    retention.mark(registry, params.registry)
    if champion == version:
        return {"version": version, "promoted": False, "reasons": ["it is the champion already"], "scores": {}}
    challenger, test = Classifier.load(home.model), labelled(pq.read_table(home.dataset), "test")
    try:
        old = Classifier.load(registry.fetch(champion, home.version(champion))) if champion is not None else None
        verdict = decide(challenger, old, test, params.gate)
    except OldModel as why_not:
        verdict = first(challenger, test, params.gate, f"the champion cannot be compared with: {why_not}")
    if verdict.promote:
        registry.promote(version, champion, why, who)
    return {"version": version, "promoted": verdict.promote, "reasons": verdict.reasons, "scores": verdict.scores}
