"""Everything that is measured of one night, against the champion's training reference and the objects' own past."""

from typing import Any

from starloop.drift import features
from starloop.drift.newcomers import newcomers
from starloop.drift.params import DriftParams
from starloop.drift.predictions import predictions
from starloop.drift.quality.cadence import cadence
from starloop.drift.quality.columns import columns
from starloop.drift.quality.depth import depth
from starloop.drift.quality.magnitudes import magnitudes
from starloop.drift.quality.releases import identifiers
from starloop.drift.quality.rows import SOURCES, rows
from starloop.drift.quality.scatter import scatter
from starloop.drift.quality.volume import volume
from starloop.drift.seen import Measure, Seen
from starloop.nights.calendar import Night

__all__ = ["Seen", "measure"]


def measure(reference: dict[str, Any], seen: Seen, params: DriftParams) -> dict[str, Any]:
    """Measure one night.

    Parameters
    ----------
    reference : dict
        As `reference.describe` gave it.
    seen : Seen
        The night.
    params : DriftParams
        Its fewest objects and rows; the thresholds are `decision.decide`'s.

    Returns
    -------
    dict
        JSON values: ``night``, ``objects``, ``class_shares`` and ``measures``, each as `Measure.as_dict` gives it.

    Raises
    ------
    BadInput
        When a feature of the reference is not in the night's.
    """
    told = dict(zip(seen.predictions["oid"].to_pylist(), seen.predictions["decision"].to_pylist(), strict=True))
    decisions = [told[oid] for oid in seen.features["oid"].to_pylist()]
    found = [*_quality(reference, seen, params), *_answers(reference, seen, decisions, params)]
    return {
        "night": seen.night,
        "objects": seen.features.num_rows,
        "measures": [one.as_dict() for one in found],
    }


def _quality(reference: dict[str, Any], seen: Seen, params: DriftParams) -> list[Measure]:
    night, until = Night.parse(seen.night), Night.parse(reference["night"])
    found = list(
        volume(seen.tables["detections"], seen.quarantined, reference["objects_per_night"], seen.features.num_rows)
    )
    for source in SOURCES:
        known = rows(source, seen.tables, night, until)
        found += magnitudes(known, params.fewest_objects, params.fewest_rows)
        found += scatter(known, params.fewest_objects)
        found += depth(known, params.fewest_objects)
        found += cadence(known, params.fewest_objects, params.fewest_rows)
        found += columns(known, params.fewest_objects)
        found += identifiers(known, params.fewest_objects)
    return found


def _answers(reference: dict[str, Any], seen: Seen, decisions: list[str], params: DriftParams) -> list[Measure]:
    confidence = seen.predictions["confidence"].to_pylist()
    return [
        *predictions(reference, decisions, confidence, params.fewest_objects),
        *newcomers(reference, seen.features, params.fewest_objects),
        *features.drift(reference, seen.features, decisions, params.fewest_objects),
    ]
