"""The part of ADQL that is answered: the whole of a table, or circles of it."""

import re
from dataclasses import dataclass

_REAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NAME = r'(?:"[^"]+"|[A-Za-z_]\w*)'
_CONTAINS = (
    rf"CONTAINS\s*\(\s*POINT\s*\(\s*'ICRS'\s*,\s*(?P<ra_name>{_NAME})\s*,\s*(?P<dec_name>{_NAME})\s*\)\s*,"
    rf"\s*CIRCLE\s*\(\s*'ICRS'\s*,\s*(?P<ra>{_REAL})\s*,\s*(?P<dec>{_REAL})\s*,\s*(?P<radius>{_REAL})\s*\)\s*\)"
)
_UNNAMED = re.sub(r"\?P<\w+>", "?:", _CONTAINS)
_INSIDE = rf"(?:1\s*=\s*{_UNNAMED}|{_UNNAMED}\s*=\s*1)"
_QUERY = re.compile(
    rf"\s*SELECT\s+(?:TOP\s+(?P<top>\d+)\s+)?(?P<columns>\*|{_NAME}(?:\s*,\s*{_NAME})*)"
    rf"\s+FROM\s+(?P<table>{_NAME})(?:\s+WHERE\s+(?P<where>{_INSIDE}(?:\s+OR\s+{_INSIDE})*))?\s*;?\s*",
    re.IGNORECASE,
)


class BadQueryError(ValueError):
    """A query outside the part of ADQL that is answered; the text says so."""


@dataclass(frozen=True)
class Query:
    """One query.

    Parameters
    ----------
    table : str
        Its name.
    columns : tuple of str
        Their names; all of them when empty.
    top : int, optional
        At most so many rows.
    circles : tuple of tuple of float
        Right ascension, declination and radius, degrees, of each circle; the whole table when empty.
    centres : set of tuple of str
        The columns the circles are about.
    """

    table: str
    columns: tuple[str, ...]
    top: int | None
    circles: tuple[tuple[float, float, float], ...]
    centres: set[tuple[str, str]]


def parse(text: str) -> Query:
    """Read one query.

    Raises
    ------
    BadQueryError
        When it is not of the form this server answers.
    """
    read = _QUERY.fullmatch(text)
    if read is None:
        raise BadQueryError(
            "this service answers only SELECT [TOP n] columns FROM table "
            "[WHERE 1=CONTAINS(POINT('ICRS',RAJ2000,DEJ2000),CIRCLE('ICRS',ra,dec,radius)) [OR ...]]"
        )
    told = read.groupdict()
    inside = [found.groupdict() for found in re.finditer(_CONTAINS, told["where"] or "", re.IGNORECASE)]
    names = () if told["columns"] == "*" else tuple(_plain(name) for name in re.findall(_NAME, told["columns"]))
    return Query(
        _plain(told["table"]),
        names,
        None if told["top"] is None else int(told["top"]),
        tuple((float(one["ra"]), float(one["dec"]), float(one["radius"])) for one in inside),
        {(_plain(one["ra_name"]), _plain(one["dec_name"])) for one in inside},
    )


def _plain(name: str) -> str:
    return name.strip('"')
