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

AT_ONCE = 25
"""Objects whose numbers are asked about in one request."""
SOURCE, CONFIRMED = "epochs", "confirmed"


def confirm(irsa: Irsa, spool: Spool, night: Night, watch: Watch) -> dict[str, str]:
    """Count the spooled epochs again; those that disagree are taken out of the spool, to be asked for anew.

    Returns
    -------
    dict
        Why each other object could not be confirmed.
    """
    told = {
        oid: Counter(table["oid"].to_pylist())
        for oid in sorted(spool.filled(SOURCE, "releases") - spool.known(CONFIRMED))
        if (table := spool.one(SOURCE, "releases", oid)) is not None
    }
    groups = {group[0]: group for group in _groups(list(told))}

    def recount(first: str) -> Answer:
        group = groups[first]
        counted = irsa.recount({number for oid in group for number in told[oid]}, night)
        agree = [oid for oid in group if all(counted[number] == rows for number, rows in told[oid].items())]
        if not agree and len(group) > 1:
            raise Unavailable("its numbers are not those of the same data release")
        return {"agree": pa.table({"oid": pa.array(agree, pa.string())}), "asked": pa.table({"oid": group})}

    confirmed = _Confirmed(spool)
    failures = each(irsa.line, CONFIRMED, groups, recount, confirmed, watch, irsa.canary)
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
                self._spool.put(source, oid, {})
            else:
                self._spool.forget(SOURCE, oid)


def _groups(oids: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(oids), AT_ONCE):
        yield oids[begin : begin + AT_ONCE]
