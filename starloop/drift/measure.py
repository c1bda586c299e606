"""Everything that is measured of one night, against the champion's training reference and the objects' own past."""

from typing import Any

from starloop.drift import features
from starloop.drift.newcomers import newcomers
from starloop.drift.params import DriftParams
from starloop.drift.performance import performance
from starloop.drift.predictions import predictions
from starloop.drift.quality.cadence import cadence
from starloop.drift.quality.columns import columns
from starloop.drift.quality.depth import depth
from starloop.drift.quality.disagreement import disagreement
from starloop.drift.quality.magnitudes import magnitudes
from starloop.drift.quality.releases import identifiers
from starloop.drift.quality.rows import ALERTS, EPOCHS, SOURCES, rows
from starloop.drift.quality.scatter import scatter
from starloop.drift.quality.volume import volume
from starloop.drift.seen import Measure, Seen
from starloop.nights.calendar import Night

__all__ = ["Seen", "measure"]


def measure(
    reference: dict[str, Any], seen: Seen, params: DriftParams, accuracy: float | None = None
) -> dict[str, Any]:
    """Measure one night.

    The rows of any night are measured. Features and answers are those of a night the champion did not learn from:
    what it has learnt is no drift.

    Parameters
    ----------
    reference : dict
        As `reference.describe` gave it.
    seen : Seen
        The night.
    params : DriftParams
        Its fewest objects and rows; the thresholds are `decision.decide`'s.
    accuracy : float, optional
        The champion's on its test rows, which labels that arrived since are compared with.

    Returns
    -------
    dict
        JSON values: ``night``, ``objects`` and ``measures``, each as `Measure.as_dict` gives it.

    Raises
    ------
    BadInput
        When a feature of the reference is not in the night's.
    """
    learnt = Night.parse(seen.night) <= Night.parse(reference["night"])
    found = _quality(reference, seen, params) + ([] if learnt else _answers(reference, seen, params))
    if accuracy is not None and seen.labelled is not None and not learnt:
        found.append(performance(seen.labelled, accuracy, params.fewest_labels))
    return {
        "night": seen.night,
        "objects": seen.features.num_rows,
        "measures": [one.as_dict() for one in found],
    }


def _quality(reference: dict[str, Any], seen: Seen, params: DriftParams) -> list[Measure]:
    night, until = Night.parse(seen.night), Night.parse(reference["night"])
    objects, rows_of_one = params.fewest_objects, params.fewest_rows
    usual = reference["objects_per_night"]
    found = list(volume(seen.tables["detections"], seen.quarantined, usual, seen.features.num_rows))
    every = {source: rows(source, seen.tables, night, until) for source in SOURCES}
    for known in every.values():
        found += magnitudes(known, objects, rows_of_one)
        found += scatter(known, objects)
        found += depth(known, objects)
        found += cadence(known, objects, rows_of_one)
        found += columns(known, objects)
        found += identifiers(known, objects)
    found += disagreement(every[ALERTS], every[EPOCHS], objects, rows_of_one)
    return found


def _answers(reference: dict[str, Any], seen: Seen, params: DriftParams) -> list[Measure]:
    told = dict(zip(seen.predictions["oid"].to_pylist(), seen.predictions["decision"].to_pylist(), strict=True))
    decisions = [told[oid] for oid in seen.features["oid"].to_pylist()]
    confidence = seen.predictions["confidence"].to_pylist()
    return [
        *predictions(reference, decisions, confidence, params.fewest_objects),
        *newcomers(reference, seen.features, params.fewest_objects),
        *features.drift(reference, seen.features, decisions, params.fewest_objects),
    ]
