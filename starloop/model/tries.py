"""What became of every model version, kept as its tags, so that nothing is learned twice or for ever in vain."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from starloop.model.registry import Registry

PROMOTED, REFUSED, TAKEN_BACK = "promoted", "refused", "taken back"


class Try(NamedTuple):
    """A version that was judged.

    Parameters
    ----------
    version : int
        Its number.
    verdict : str
        `PROMOTED`, `REFUSED` by the gate, or `TAKEN_BACK` because it could not be served.
    reasons : str
        What the gate said, one sentence a line.
    labelled : int
        Labelled objects it knew, of both sides of the split.
    lesson : str
        Hash of what it learned from and was judged by.
    feature_schema : str
        Hash of the features it was trained with.
    """

    version: int
    verdict: str
    reasons: str
    labelled: int
    lesson: str
    feature_schema: str


def note(
    registry: "Registry",
    version: int,
    *,
    verdict: str,
    reasons: Iterable[str],
    why: str,
    nights: Sequence[str],
    labelled: int,
    lesson: str,
) -> None:
    """Keep what the gate said of a version, why it was trained, and which nights asked for it."""
    told = {
        "reasons": "\n".join(reasons),
        "why": why,
        "nights": " ".join(nights),
        "labelled": str(labelled),
        "lesson": lesson,
        "judged": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        # Last: a version with a verdict has all the rest.
        "verdict": verdict,
    }
    for name, value in told.items():
        registry.tag(version, name, value)


def tried(registry: "Registry") -> list[Try]:
    """Give the versions that were judged, the newest first."""
    return [
        Try(version, tags["verdict"], tags["reasons"], int(tags["labelled"]), tags["lesson"], tags["feature_schema"])
        for version, tags in sorted(registry.versions().items(), reverse=True)
        if "verdict" in tags
    ]


def in_vain(tries: Sequence[Try], labelled: int, growth: float) -> list[Try]:
    """Give the newest versions that did not come to serve, back to the last promotion or to much fewer labels.

    Parameters
    ----------
    tries : sequence of Try
        The newest first.
    labelled : int
        Labelled objects there are now.
    growth : float
        Share of labels beyond a version's own after which it says nothing about the next one.
    """
    return [
        one
        for one in takewhile(lambda one: one.verdict != PROMOTED, tries)
        if not grown(one.labelled, labelled, growth)
    ]


def grown(before: int, labelled: int, growth: float) -> bool:
    """Tell whether there are enough labelled objects beyond those known before."""
    return labelled >= before * (1 + growth)
