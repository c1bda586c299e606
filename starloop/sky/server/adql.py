"""The part of ADQL that is answered: the whole of a table, or a circle of it."""

import re
from dataclasses import dataclass

_REAL = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NAME = r'(?:"[^"]+"|[A-Za-z_]\w*)'
_CONTAINS = (
    rf"CONTAINS\s*\(\s*POINT\s*\(\s*'ICRS'\s*,\s*(?P<ra_name>{_NAME})\s*,\s*(?P<dec_name>{_NAME})\s*\)\s*,"
    rf"\s*CIRCLE\s*\(\s*'ICRS'\s*,\s*(?P<ra>{_REAL})\s*,\s*(?P<dec>{_REAL})\s*,\s*(?P<radius>{_REAL})\s*\)\s*\)"
)
_QUERY = re.compile(
    rf"\s*SELECT\s+(?:TOP\s+(?P<top>\d+)\s+)?(?P<columns>\*|{_NAME}(?:\s*,\s*{_NAME})*)"
    rf"\s+FROM\s+(?P<table>{_NAME})"
    rf"(?:\s+WHERE\s+(?:1\s*=\s*{_CONTAINS}|{_CONTAINS.replace('P<', 'P<b_')}\s*=\s*1))?\s*;?\s*",
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
    circle : tuple of float, optional
        Right ascension, declination and radius, degrees.
    centre : tuple of str, optional
        The columns the circle is about.
    """

    table: str
    columns: tuple[str, ...]
    top: int | None
    circle: tuple[float, float, float] | None
    centre: tuple[str, str] | None


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
            "[WHERE 1=CONTAINS(POINT('ICRS',RAJ2000,DEJ2000),CIRCLE('ICRS',ra,dec,radius))]"
        )
    told = read.groupdict()
    told |= {name[2:]: value for name, value in told.items() if name.startswith("b_") and value is not None}
    circle = centre = None
    if told["radius"] is not None:
        circle = (float(told["ra"]), float(told["dec"]), float(told["radius"]))
        centre = (_plain(told["ra_name"]), _plain(told["dec_name"]))
    names = () if told["columns"] == "*" else tuple(_plain(name) for name in re.findall(_NAME, told["columns"]))
    return Query(_plain(told["table"]), names, None if told["top"] is None else int(told["top"]), circle, centre)


def _plain(name: str) -> str:
    return name.strip('"')
