"""Reading a night's data-release epochs twice: by position, and by the numbers that came with them.

The numbers of data-release objects belong to one release. An answer from a server of another release carries numbers
that this one does not know, and a cut answer has fewer rows than its objects: both are found by counting again.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

import pyarrow as pa

from starloop.archives.irsa import Irsa
from starloop.archives.line import Unavailable
from starloop.archives.rounds import Answer, each
from starloop.nights.calendar import Night
from starloop.nights.progress import Watch
from starloop.nights.spool import Spool

AT_ONCE = 100
"""Numbers asked about in one request: as many as fit well into an address."""
_SAID = 3
"""How often a recount that agrees with no object at all must be said: mostly it is the one that is wrong."""
READ, CONFIRMED = "epochs", "releases"
"""The spool's sources of epochs that were read once, and of those that a second reading confirmed."""


def confirm(irsa: Irsa, spool: Spool, night: Night, watch: Watch) -> dict[str, str]:
    """Count the spooled epochs again: those that agree are confirmed, the others are forgotten, to be asked for anew.

    Returns
    -------
    dict
        Why each other object could not be confirmed.
    """
    told = {
        oid: Counter[int](table["oid"].to_pylist())
        for oid in sorted(spool.filled(READ, "releases"))
        if (table := spool.one(READ, "releases", oid)) is not None
    }
    groups = {group[0]: group for group in _groups(told)}
    doubted = Counter[str]()

    def recount(first: str) -> Answer:
        group = groups[first]
        counted = irsa.recount({number for oid in group for number in told[oid]}, night)
        agree = [oid for oid in group if all(counted[number] == rows for number, rows in told[oid].items())]
        doubted[first] += 1
        if not agree and doubted[first] < _SAID:
            raise Unavailable("its numbers are not those of the same data release")
        return {"agree": pa.table({"oid": pa.array(agree, pa.string())}), "asked": pa.table({"oid": group})}

    confirmed = _Confirmed(spool)
    failures = each(irsa.line, "recount", groups, recount, confirmed, watch, irsa.canary)
    return {oid: reason for first, reason in failures.items() for oid in groups[first]}


class _Confirmed:
    """Keeps the objects of a group that agree, and forgets the others' epochs."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def known(self, source: str) -> set[str]:
        """Every group is asked about."""
        return set()

    def put(self, source: str, key: str, answer: Mapping[str, pa.Table]) -> None:
        """Tell the objects that agree from the others."""
        agree = set(answer["agree"]["oid"].to_pylist())
        for oid in answer["asked"]["oid"].to_pylist():
            if oid in agree:
                self._spool.move(READ, oid, CONFIRMED)
            else:
                self._spool.forget(READ, oid)


def _groups(told: Mapping[str, Counter[int]]) -> Iterator[list[str]]:
    group: list[str] = []
    room = AT_ONCE
    for oid, numbers in told.items():
        if group and len(numbers) > room:
            yield group
            group, room = [], AT_ONCE
        group.append(oid)
        room -= len(numbers)
    if group:
        yield group
