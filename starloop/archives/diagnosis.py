"""What the look at one archive means, in words, and what to do about it."""

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from starloop.archives.line import Refused, Tally
from starloop.archives.packets import Packets
from starloop.archives.reach import Door, Reached, Unreached
from starloop.errors import BadInput, StarloopError
from starloop.findings import Finding, Item, Severity

SKEW_S = 60.0
"""A clock that is further off is wrong."""
_LATER = "try again later: what a night lacks is asked for by its next run"
_BANNED = ("status 401", "status 403")


@dataclass(frozen=True)
class Canary:
    """What came of asking for what must be there.

    Parameters
    ----------
    phrase : str or None
        What came; None when nothing did, or the sky has nothing to ask for.
    failed : str or None
        Why nothing came.
    met : str or None
        What went wrong most often on the way.
    """

    phrase: str | None
    failed: str | None
    met: str | None

    @classmethod
    def of(cls, told: Future[str | None], tally: Tally, patience_s: float) -> Self:
        """Take what an archive's ``canary()`` gave, as far as it is there."""
        met = next((reason for reason, _ in tally.faults.most_common(1)), None)
        if not told.done():
            return cls(None, met or f"no whole answer within {patience_s:g} s", met)
        wrong = told.exception()
        if wrong is None:
            return cls(told.result(), None, met)
        if not isinstance(wrong, StarloopError | Refused):
            raise wrong
        # the line's own sentence names the address, which is told beside it
        return cls(None, str(wrong.__cause__ or wrong), met)


def item(name: str, door: Door, answer: Reached | Unreached, canary: Canary | None, *, spare: bool) -> Item:
    """Say how an archive is.

    Parameters
    ----------
    canary : Canary or None
        None when it was not asked for, as the archive does not answer.
    spare : bool
        A night can do without this archive: nothing about it is worse than a warning.

    Returns
    -------
    Item
        Facts: url, latency_ms, clock_ahead_s and canary, each None where it is not known.
    """
    facts: dict[str, Any] = {"url": door.settings.url, "latency_ms": None, "clock_ahead_s": None, "canary": None}
    worst = Severity.WARNING if spare else Severity.ERROR
    if isinstance(answer, Unreached) or canary is None:
        return Item(name, (Finding(worst, str(answer), _unreached(door, str(answer))),), facts)
    facts["latency_ms"], facts["canary"] = round(answer.latency_ms, 1), canary.phrase
    if answer.clock_ahead_s is not None:
        facts["clock_ahead_s"] = round(answer.clock_ahead_s, 1)
    return Item(name, tuple(_findings(door, answer, canary, worst)), facts)


def packets(folder: Path) -> Item:
    """Say whether there are alert packets, as an archive of that folder."""
    facts = {"url": str(folder), "latency_ms": None, "clock_ahead_s": None, "canary": None}
    try:
        finding = Finding(Severity.OK, f"{len(Packets(folder).files):,} files of alert packets")
    except BadInput:
        advice = "unpack a night of the alert archive there, or unset STARLOOP_ARCHIVES__PACKETS to ask ALeRCE"
        finding = Finding(Severity.ERROR, "no *.avro files", advice)
    return Item("packets", (finding,), facts)


def _findings(door: Door, answer: Reached, canary: Canary, worst: Severity) -> Iterator[Finding]:
    banned = f"status {answer.status}" in _BANNED
    if canary.failed is not None:
        advice = _leave_alone(door) if canary.failed in _BANNED else _later(door, canary.failed)
        yield Finding(worst, canary.failed, advice)
    elif canary.phrase is None:
        yield Finding(Severity.INFO, "answers; this sky has nothing that must always be there")
    else:
        yield Finding(Severity.OK, canary.phrase)
        met = answer.failed or (None if banned else canary.met)
        if met is not None:
            yield Finding(Severity.INFO, f"but not every request was answered ({met})")
    if banned and canary.failed is None:
        yield Finding(Severity.WARNING, f"refuses us (status {answer.status})", _leave_alone(door))
    ahead = answer.clock_ahead_s
    if ahead is not None and abs(ahead) > SKEW_S:
        way = "ahead of" if ahead > 0 else "behind"
        yield Finding(
            Severity.WARNING,
            f"its clock is {abs(ahead):.0f} s {way} this machine's",
            "compare this machine's clock with a time server, and set it if it is the one that is wrong",
        )


def _unreached(door: Door, why: str) -> str:
    if why.startswith("status"):
        return _LATER
    return f"check this machine's network and {_variable(door, 'URL')}, or try again later"


def _later(door: Door, failed: str) -> str:
    if not failed.startswith("no whole answer"):
        return _LATER
    return (
        f"try again later, or with a longer --patience if it is only slow (a run waits {door.settings.deadline_s:g} s)"
    )


def _leave_alone(door: Door) -> str:
    return f"leave it alone for some hours, and lower {_variable(door, 'RATE_PER_S')} before it is asked again"


def _variable(door: Door, name: str) -> str:
    return f"STARLOOP_ARCHIVES__{door.variable}__{name}"
