"""Which of a night's objects are worth a person's look, and why."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from starloop.model.decision import UNCERTAIN
from starloop.report.objects import CHANGED, CLASSIFIED, FIRST

EACH, MOST = 5, 50
"""Objects a class of the most confident, and objects in all of the most uncertain and the most anomalous."""
WORTH = 10
"""Light curves worth a look."""


@dataclass(frozen=True)
class Choice:
    """One way to choose among a night's objects.

    Parameters
    ----------
    title, says : str
        Its name, and a sentence on what it means.
    of : callable
        Gives the chosen rows of `starloop.report.objects.scored`'s table, the first to look at first.
    why : callable
        Says of a chosen row, as a dict, why it was chosen.
    """

    title: str
    says: str
    of: Callable[[pa.Table], pa.Table]
    why: Callable[[dict[str, Any]], str]


def confident(objects: pa.Table) -> pa.Table:
    """Give the most probable objects of each named class: every class's first, then every class's second, and so on."""
    ranked = objects.filter(pc.not_equal(objects["decision"], UNCERTAIN)).sort_by(
        [("probability", "descending"), ("oid", "ascending")]
    )
    seen, places = Counter[str](), []
    for name in ranked["decision"].to_pylist():
        places.append(seen[name])
        seen[name] += 1
    ranked = ranked.append_column("place", pa.array(places, pa.int64()))
    ranked = ranked.filter(pc.less(ranked["place"], EACH))
    return ranked.sort_by([("place", "ascending"), ("probability", "descending"), ("oid", "ascending")]).drop(["place"])


def uncertain(objects: pa.Table) -> pa.Table:
    """Give the objects whose probabilities say least, without those that have no usable point to judge by."""
    judged = objects.filter(pc.fill_null(pc.greater(objects["points"], 0), True))
    return _most(judged, "uncertainty")


def anomalous(objects: pa.Table) -> pa.Table:
    """Give the oddest objects; none where the model cannot tell."""
    return _most(objects.filter(pc.is_valid(objects["anomaly"])), "anomaly")


def classified(objects: pa.Table) -> pa.Table:
    """Give the objects of a class now that were uncertain when they were scored last, then those not scored before."""
    new = pc.and_(
        pc.is_in(objects["news"], value_set=pa.array([CLASSIFIED, FIRST])), pc.not_equal(objects["decision"], UNCERTAIN)
    )
    return objects.filter(new).sort_by([("news", "ascending"), ("probability", "descending"), ("oid", "ascending")])


def changed(objects: pa.Table) -> pa.Table:
    """Give the objects of another class than when they were scored last."""
    other = objects.filter(pc.fill_null(pc.equal(objects["news"], CHANGED), False))
    return other.sort_by([("probability", "descending"), ("oid", "ascending")])


CHOICES = {
    "confident": Choice(
        "Most confident",
        "The most probable objects of each class.",
        confident,
        lambda row: f"among the most confident: {row['decision']} {row['probability']:.2f}",
    ),
    "uncertain": Choice(
        "Most uncertain",
        "The objects whose probabilities are nearest to knowing nothing.",
        uncertain,
        lambda row: f"among the most uncertain: {_between(row)}",
    ),
    "anomalous": Choice(
        "Most anomalous",
        "The objects least like those the model was trained on, whatever their class.",
        anomalous,
        lambda row: f"odder than {row['anomaly']:.1%} of the training objects; {_between(row)}",
    ),
    "changed": Choice(
        "Changed class",
        "Of another class than when they were scored last.",
        changed,
        lambda row: f"{row['decision']} {row['probability']:.2f} now, {row['before']} on {_then(row)}",
    ),
    "classified": Choice(
        "Newly classified",
        "Of a class now; uncertain when they were scored last, or not scored before.",
        classified,
        lambda row: (
            f"newly {row['decision']} {row['probability']:.2f}: "
            + (f"uncertain on {_then(row)}" if row["before"] else "not scored before")
        ),
    ),
}


def worth_a_look(objects: pa.Table) -> list[dict[str, Any]]:
    """Choose objects to look at: every choice in its turn names its first that no other has, until there are `WORTH`.

    Returns
    -------
    list of dict
        The rows, and ``why``, a sentence.
    """
    told: dict[str, dict[str, Any]] = {}
    ranked = [(choice, iter(choice.of(objects).to_pylist())) for choice in CHOICES.values()]
    while ranked and len(told) < WORTH:
        choice, rows = ranked.pop(0)
        row = next((one for one in rows if one["oid"] not in told), None)
        if row is not None:
            told[row["oid"]] = {**row, "why": choice.why(row)}
            ranked.append((choice, rows))
    return list(told.values())


def _most(objects: pa.Table, column: str) -> pa.Table:
    return objects.sort_by([(column, "descending"), ("oid", "ascending")]).slice(0, MOST)


def _between(row: dict[str, Any]) -> str:
    return f"{row['best']} {row['probability']:.2f}, {row['second']} {row['second_probability']:.2f}"


def _then(row: dict[str, Any]) -> str:
    other = f", by model version {row['before_version']}" if row["before_version"] != row["version"] else ""
    return f"{row['before_night']}{other}"
