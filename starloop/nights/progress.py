"""How far fetching a night has come, what it has cost so far, and how long it may still take."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starloop.archives.line import Line

_TELLING = 20
"""So many settled objects, after so many seconds, say how fast an archive is."""
_TELLING_S = 3.0


@dataclass(frozen=True)
class Step:
    """Where one source stands.

    Parameters
    ----------
    source : str
        What is fetched, in the words of the ledger.
    done, total : int
        Objects that are settled, and all of them.
    began_with : int
        How many were settled already when this run began with the source.
    seconds : float
        Since then.
    requests, retries, received_bytes : int
        What the archive was asked since then, and what came back.
    """

    source: str
    done: int
    total: int
    began_with: int
    seconds: float
    requests: int
    retries: int
    received_bytes: int

    @property
    def per_s(self) -> float | None:
        """Objects settled a second in this run; None before it can be told."""
        done = self.done - self.began_with
        return done / self.seconds if done >= _TELLING and self.seconds >= _TELLING_S else None

    @property
    def remaining_s(self) -> float | None:
        """How long this source will take at this speed; None before that can be told."""
        speed = self.per_s
        return (self.total - self.done) / speed if speed else None

    def __str__(self) -> str:
        """Say it in one line."""
        parts = [f"{self.done} of {self.total}"]
        if self.per_s is not None:
            parts.append(f"{self.per_s:.1f} objects/s")
        parts.append(f"{self.received_bytes / 1e6:.1f} MB")
        parts.append(f"{self.retries} retries of {self.requests} requests")
        if self.done < self.total:
            left = self.remaining_s
            parts.append("time left not known yet" if left is None else f"about {duration(left)} left")
        return f"{self.source}: " + ", ".join(parts)


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Take progress without showing it."""


def duration(seconds: float) -> str:
    """Say a length of time in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Watch:
    """Turns what rounds of asking tell into steps.

    Parameters
    ----------
    source : str
        What is fetched.
    line : Line
        The archive's line, whose tally is told.
    progress : callable
        Told each step.
    """

    def __init__(self, source: str, line: Line, progress: Progress) -> None:
        self._source, self._line, self._progress = source, line, progress
        self._began = time.monotonic()
        tally = line.tally
        self._before = (tally.requests, tally.retries, tally.received_bytes)
        self._first: int | None = None

    def __call__(self, done: int, total: int) -> None:
        """Tell how many objects are settled."""
        if self._first is None:
            self._first = done
        tally = self._line.tally
        costs = (tally.requests, tally.retries, tally.received_bytes)
        spent = [now - before for now, before in zip(costs, self._before, strict=True)]
        self._progress(Step(self._source, done, total, self._first, time.monotonic() - self._began, *spent))


def cost(lines: Iterable[Line], before: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Add what a run asked the archives to what earlier runs of the night did.

    Returns
    -------
    dict
        `runs`, `seconds`, and by archive: url, requests, retries, received_bytes, longest_s, faults.
    """
    archives: dict[str, Any] = dict(before.get("archives", {}))
    for line in lines:
        old, tally = archives.get(line.name, {}), line.tally
        if not tally.requests and not old:
            continue
        faults = dict(old.get("faults", {}))
        for reason, times in tally.faults.items():
            faults[reason] = faults.get(reason, 0) + times
        archives[line.name] = {
            "url": line.settings.url,
            "requests": old.get("requests", 0) + tally.requests,
            "retries": old.get("retries", 0) + tally.retries,
            "received_bytes": old.get("received_bytes", 0) + tally.received_bytes,
            "longest_s": round(max(old.get("longest_s", 0.0), tally.longest_s), 3),
            "faults": faults,
        }
    return {
        "runs": before.get("runs", 0) + 1,
        "seconds": round(before.get("seconds", 0.0) + seconds, 3),
        "archives": archives,
    }
