"""Asking an archive about many objects: in rounds, until every answer is there or is known to be missing.

An archive that fails now and then sometimes says "nothing" with status 200. So an object without rows is asked for
again, until it is unlikely that even one of the empty answers is false; how unlikely follows from how often this
archive's empty answers were contradicted by a later one.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from math import ceil, log
from typing import Protocol

import pyarrow as pa

from starloop.archives.line import Line, Refused, Unavailable

Answer = Mapping[str, pa.Table]
"""What an archive said of one object: tables by name. It is empty when its first table has no rows."""

SILENT_LIMITS = frozenset({50, 500, 50_000})
"""Numbers of rows at which an archive or its client cuts an answer without a word."""
ROUNDS = 8
FALSE_EMPTIES = 1e-3
"""The chance that any empty answer of a night is false, at most."""
_LEAST, _MOST = 2, 5


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

    def often_enough(self, empties: int) -> int:
        """Give how often each of so many empty answers must be said before all are believed."""
        rate = (self.false + 1) / (self.true + self.false + 2)
        return min(max(ceil(log(FALSE_EMPTIES / max(empties, 1)) / log(rate)), _LEAST), _MOST)


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
            asked = {pool.submit(ask, key): key for key in waiting.empty}
            try:
                for future in as_completed(asked):
                    _settle(source, asked[future], future, waiting, refused, weather, journal)
                    progress(len(wanted) - len(waiting.empty), len(wanted))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            _believe(source, waiting, weather, journal, canary)
            progress(len(wanted) - len(waiting.empty), len(wanted))
    for key in waiting.empty:
        refused[key] = waiting.why.get(key, "its empty answers cannot be believed")
    return dict(sorted(refused.items()))


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
        return
    weather.true += 1
    weather.false += waiting.empty.pop(key)
    journal.put(source, key, answer)


def _believe(
    source: str, waiting: _Round, weather: Weather, journal: Journal, canary: Callable[[], object]
) -> None:
    """Settle the keys whose empty answers were said often enough, unless the archive is silent altogether."""
    often = weather.often_enough(sum(said > 0 for said in waiting.empty.values()))
    believed = [key for key, said in waiting.empty.items() if said >= often]
    if believed:
        canary()
    for key in believed:
        del waiting.empty[key]
        journal.put(source, key, {})


def is_empty(answer: Answer) -> bool:
    """Tell whether an answer has no rows."""
    return not any(table.num_rows for table in answer.values())
