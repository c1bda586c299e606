"""A trained model becomes a registered version, is judged, and is promoted where it wins."""

from collections.abc import Sequence
from typing import Any

import pyarrow.parquet as pq

from starloop.errors import OldModel
from starloop.model import retention, tries
from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.gate import Verdict, decide, first
from starloop.model.registry import Registry
from starloop.nights.store import Home
from starloop.params import Params


def challenge(
    home: Home,
    registry: Registry,
    params: Params,
    why: str,
    lesson: str,
    who: str | None = None,
    nights: Sequence[str] = (),
) -> dict[str, Any]:
    """Register the home's model and put it before the gate; mark the versions that need not be kept.

    What the gate said is kept with the version, whatever it said.

    Parameters
    ----------
    home : Home
        Has the model, its evaluation, and the data set with the frozen test rows.
    registry : Registry
        Where it goes.
    params : Params
        What it must show, and how many versions are kept.
    why : str
        Why it was trained; kept with the version, and with a promotion.
    lesson : str
        Hash of what it learned from and is judged by; kept with the version.
    who : str, optional
        Who asks; kept with a promotion.
    nights : sequence of str
        The nights that asked for it; kept with the version.

    Returns
    -------
    dict
        ``version``, ``promoted``, ``verdict`` in a word, ``reasons`` (one sentence a condition), ``scores`` and
        ``previous``, the champion it was compared with.

    Raises
    ------
    NotPromoted
        When another champion appeared meanwhile.
    """
    champion = registry.settle()
    version = registry.register(home.model, home.evaluation)
    retention.mark(registry, params.registry)
    challenger = Classifier.load(home.model)
    if champion == version:
        verdict = Verdict(False, ["it is the champion already"], {})
    else:
        verdict = _judged(challenger, registry, home, champion, params)
    if verdict.promote:
        registry.promote(version, champion, why, who)
    stands = verdict.promote or champion == version
    word = tries.PROMOTED if stands else tries.REFUSED
    tries.note(
        registry,
        version,
        verdict=word,
        reasons=verdict.reasons,
        why=why,
        nights=nights,
        labelled=challenger.bundle.metrics["labelled"],
        lesson=lesson,
    )
    return {
        "version": version,
        "promoted": verdict.promote,
        "verdict": word,
        "reasons": verdict.reasons,
        "scores": verdict.scores,
        "previous": champion,
    }


def _judged(challenger: Classifier, registry: Registry, home: Home, champion: int | None, params: Params) -> Verdict:
    test = labelled(pq.read_table(home.dataset), "test")
    try:
        old = Classifier.load(registry.fetch(champion, home.version(champion))) if champion is not None else None
        return decide(challenger, old, test, params.gate)
    except OldModel as why_not:
        return first(challenger, test, params.gate, f"the champion cannot be compared with: {why_not}")
