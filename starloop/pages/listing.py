"""A night's objects as a table that people sort: what is asked by the address, and the rows that answer it."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from urllib.parse import urlencode

import pyarrow as pa

from starloop.errors import BadInput
from starloop.report.choices import CHOICES, worth_a_look

AT_ONCE = 100
"""Rows of a page."""
WORTH, ALL = "worth", "all"
SHOWN = {
    WORTH: ("Worth a look", "Some of each of the choices beside this one."),
    **{name: (choice.title, choice.says) for name, choice in CHOICES.items()},
    ALL: ("All", "Every object of the night."),
}
"""Choices of objects: name to title and a sentence."""


@dataclass(frozen=True)
class Column:
    """A column that sorts: its title, a sentence on it, what it sorts by, and which way at first."""

    title: str
    says: str
    by: tuple[str, ...]
    first: Literal["ascending", "descending"] = "descending"


COLUMNS = {
    "oid": Column("Object", "ZTF's name of the object", ("oid",), "ascending"),
    "decision": Column("Class", "The class that is named, or uncertain", ("decision", "best"), "ascending"),
    "probability": Column("Probability", "Calibrated, of the class or of the most probable one", ("probability",)),
    "second": Column("Next", "The most probable of the other classes", ("second", "second_probability"), "ascending"),
    "uncertainty": Column("Uncertainty", "0: one class for sure; 1: every class alike (entropy)", ("uncertainty",)),
    "anomaly": Column("Anomaly", "Share of the training objects that are less odd", ("anomaly",)),
    "points": Column("Points", "Usable alert detections in g and r", ("points",)),
    "before": Column("Before", "What was said when it was scored last", ("before", "before_night"), "ascending"),
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; raise `BadInput` for a word it does not know.

    Parameters
    ----------
    night : str or None
        The night; the last that was scored unless given.
    show : str
        One of `SHOWN`.
    sort : str or None
        One of `COLUMNS`; the choice's own order unless given.
    order : str or None
        ``ascending`` or ``descending``; the column's own unless given.
    page : int
        From 1.
    """

    night: str | None = None
    show: str = WORTH
    sort: str | None = None
    order: str | None = None
    page: int = 1

    def __post_init__(self) -> None:
        """Look at every word."""
        for name, known in (("show", SHOWN), ("sort", COLUMNS), ("order", ("ascending", "descending"))):
            value = getattr(self, name)
            if value is not None and value not in known:
                raise BadInput(f"{name}={value} is none of {', '.join(known)}: correct the address")
        if self.page < 1:
            raise BadInput(f"page={self.page} is not there: pages count from 1")

    @property
    def direction(self) -> str | None:
        """Which way the column it sorts by is sorted; None where the choice's own order stays."""
        return self.order or COLUMNS[self.sort].first if self.sort else None

    def link(self, **changes: Any) -> str:
        """Give the address of the same with changes, from its first page unless one is named."""
        told = asdict(replace(self, **{"page": 1} | changes))
        plain = asdict(Asked())
        return "?" + urlencode({name: value for name, value in told.items() if value not in (None, plain[name])})

    def sorting(self, column: str) -> str:
        """Give the address that sorts by a column: the other way round where it is sorted by it already."""
        if column != self.sort:
            return self.link(sort=column, order=None)
        return self.link(order="ascending" if self.direction == "descending" else "descending")


def chosen(objects: pa.Table, asked: Asked) -> pa.Table:
    """Give the rows that were asked for, in their order, of all pages; with ``why`` where they are worth a look."""
    if asked.show == WORTH:
        rows = worth_a_look(objects)
        kinds = objects.schema.append(pa.field("why", pa.string()))
        found = pa.Table.from_pylist(rows, schema=kinds)
    else:
        found = CHOICES[asked.show].of(objects) if asked.show in CHOICES else objects
    if asked.sort is None:
        return found
    keys = [(name, asked.direction) for name in COLUMNS[asked.sort].by]
    return found.sort_by([*keys, ("oid", "ascending")])


def pages(rows: int) -> int:
    """Give how many pages so many rows take."""
    return max(1, -(-rows // AT_ONCE))
