"""Asking an archive about many objects: in rounds, until every answer is there or is known to be missing.

An archive that fails now and then sometimes says "nothing" with status 200. So an object without rows is asked for
again, until it is unlikely that even one of the empty answers is false; how unlikely follows from how often this
archive's empty answers were contradicted by a later one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from starloop.archives.line import Line, Refused, Unavailable
from starloop.errors import ArchiveDown

Answer = Mapping[str, pa.Table]
"""What an archive said of one object: tables by name. It is empty when none has rows."""

SILENT_LIMITS = frozenset({50, 500, 50_000})
"""Numbers of rows at which an archive or its client cuts an answer without a word."""
ROUNDS = 10
FALSE_EMPTIES = 1e-3
"""How many objects with rows a source may lose to empty answers, on average."""
_LEAST, _MOST = 2, 6


class Journal(Protocol):
    """Where answers are kept as they come, so that a run that was killed asks only for the others."""

    def known(self, source: str) -> set[str]:
        """Give the keys that have an answer."""

    def put(self, source: str, key: str, answer: Answer) -> None:
        """Keep an answer."""


@dataclass
class Weather:
    """How often an archive's empty answers were false.

    Parameters
    ----------
    true, false : int
        Answers with rows; empty answers of objects that turned out to have rows.
    """

    true: int = 0
    false: int = 0

    def often_enough(self) -> int:
        """Give how often an object must be said to be empty to be believed so.

        The chance p of a false empty answer is a beta distribution's (with Jeffreys' prior), and the mean of p^n that
        of missing an object after n empty answers: n is chosen so that all objects with rows together make up to
        `FALSE_EMPTIES`.
        """
        missed, said = float(max(self.true, 1)), 0
        while said < _MOST and (said < _LEAST or missed > FALSE_EMPTIES):
            missed *= (self.false + 0.5 + said) / (self.true + self.false + 1 + said)
            said += 1
        return said


@dataclass
class _Round:
    """Objects that still have no answer, how often each was said to be empty, and why it has none."""

    empty: dict[str, int]
    why: dict[str, str] = field(default_factory=dict)


def each(
    line: Line,
    source: str,
    keys: Iterable[str],
    ask: Callable[[str], Answer],
    journal: Journal,
    progress: Callable[[int, int], None],
    canary: Callable[[], object],
) -> dict[str, str]:
    """Ask one question a key, as many at a time as the line has connections, and put the answers into the journal.

    Parameters
    ----------
    source : str
        Under what name the journal keeps them.
    ask : callable
        Raises `Unavailable` where asking again may help, `Refused` where it would not.
    progress : callable
        Told how many keys are settled, and how many there are.
    canary : callable
        Asked before empty answers are believed; it raises when the archive is silent about what it must know.

    Returns
    -------
    dict
        Why each other key has no answer, sorted by key.

    Raises
    ------
    ArchiveDown
        When the archive stops answering; what was answered is in the journal.
    """
    wanted = sorted(set(keys))
    waiting = _Round(dict.fromkeys(sorted(set(wanted) - journal.known(source)), 0))
    refused: dict[str, str] = {}
    weather = Weather()
    with ThreadPoolExecutor(line.settings.connections, thread_name_prefix=source) as pool:
        for _ in range(ROUNDS):
            if not waiting.empty:
                break
            progress(len(wanted) - len(waiting.empty), len(wanted))
            down: ArchiveDown | None = None
            try:
                for key, future in _answers(pool, ask, waiting.empty):
                    try:
                        _settle(source, key, future, waiting, refused, weather, journal)
                    except ArchiveDown as why:
                        down = why
                    progress(len(wanted) - len(waiting.empty), len(wanted))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            if down:
                raise down
            _believe(source, waiting, weather, journal, canary)
    progress(len(wanted), len(wanted))
    for key in waiting.empty:
        refused[key] = waiting.why.get(key, "its empty answers cannot be believed")
    return dict(sorted(refused.items()))


def _answers(pool: Executor, ask: Callable[[str], Answer], keys: Iterable[str]) -> Iterator[tuple[str, Future[Answer]]]:
    """Ask about all keys and give what came, as it comes; when the archive is down, nothing more is asked."""
    asked = {pool.submit(ask, key): key for key in keys}
    for future in as_completed(asked):
        key = asked.pop(future)  # its answer need not be kept until the last one has come
        if future.cancelled():
            continue
        if isinstance(future.exception(), ArchiveDown):
            for other in asked:
                other.cancel()
        yield key, future


def _settle(
    source: str,
    key: str,
    future: Future[Answer],
    waiting: _Round,
    refused: dict[str, str],
    weather: Weather,
    journal: Journal,
) -> None:
    try:
        answer = future.result()
    except Unavailable as why:
        waiting.why[key] = str(why)
        return
    except Refused as why:
        refused[key] = str(why)
        del waiting.empty[key]
        return
    if is_empty(answer):
        waiting.empty[key] += 1
        waiting.why.pop(key, None)
        return
    weather.true += 1
    weather.false += waiting.empty.pop(key)
    journal.put(source, key, answer)


def _believe(source: str, waiting: _Round, weather: Weather, journal: Journal, canary: Callable[[], object]) -> None:
    """Settle the keys whose empty answers were said often enough, unless the archive is silent altogether."""
    often = weather.often_enough()
    believed = [key for key, said in waiting.empty.items() if said >= often]
    if believed:
        canary()
    for key in believed:
        del waiting.empty[key]
        journal.put(source, key, {})


def is_empty(answer: Answer) -> bool:
    """Tell whether an answer has no rows."""
    return not any(table.num_rows for table in answer.values())
