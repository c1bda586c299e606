"""The nights a watcher of one seed's sky sees: ordinary ones, then those from each change on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from starloop.drift.params import DriftParams
from starloop.drift.seen import Seen
from starloop.model.bundle import Classifier
from starloop.nights.calendar import Night
from starloop.sky.simulator.scenario import ANSWERS, Scenario
from tests.bench_drift.champion import data_set, features, reference
from tests.bench_drift.nights import active, cut, observed
from tests.bench_drift.skies import Sky, Span, skies

LOOP, QUIET = 12, 10
"""Nights the loop has run when it trains, and nights without a change after it that are judged."""
LASTING, ONE_NIGHT = 5, 3
"""Nights that are judged from the change on, of one that stays and of one that lasts a night."""
WINDOW = DriftParams().nights - 1
"""Nights between training and the first judged one: they fill the window of the last nights."""
KINDS = tuple(ANSWERS)


@dataclass(frozen=True)
class Watched:
    """One night of a course.

    Parameters
    ----------
    kind : str or None
        The change that is at work, or was; None on an ordinary night.
    seen : Seen
        The night.
    """

    kind: str | None
    seen: Seen


def course(
    seed: int, classifier: Classifier, kinds: tuple[str, ...] = KINDS, quiet: int = QUIET
) -> Iterator[dict[str, Any] | Watched]:
    """Give the reference of a loop on a seed's sky, the ordinary nights after it, and the nights from each change on.

    Parameters
    ----------
    kinds : tuple of str
        The changes.
    quiet : int
        How many ordinary nights beside those that fill the window; more than `QUIET` go on beyond the change's night.
    """
    span = Span.of(seed)
    for kind, sky in skies(seed, kinds):
        if kind:
            lasting = math.isinf(Scenario(kind, sky.change).end)
            shown = observed(sky.tables, sky.change, span.last)[: LASTING if lasting else ONE_NIGHT]
        else:
            before = observed(sky.tables, span.first, sky.change.back(1))
            begin = len(before) - QUIET - WINDOW
            yield reference(classifier, data_set(sky.tables, before[begin - LOOP : begin]))
            shown = observed(sky.tables, before[begin], span.last)[: WINDOW + quiet]
        for night in shown:
            yield Watched(kind, _seen(sky, night, classifier))


def _seen(sky: Sky, night: Night, classifier: Classifier) -> Seen:
    """Score a night as the nightly flow does."""
    tables = cut(sky.tables, night, active(sky.tables, night))
    found = features(tables)
    probabilities = classifier.probabilities(found)
    predictions = pa.table(
        {
            "oid": found["oid"],
            "decision": pa.array(classifier.decide(probabilities), pa.string()),
            "confidence": probabilities.max(axis=1),
        }
    )
    return Seen(str(night), found, predictions, tables, sky.quarantined)
