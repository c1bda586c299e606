"""The rows inside an answer, whichever way it is written: JSON, CSV or VOTable.

IPAC's fixed-width tables are left alone.
"""

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starloop.sky.server.exchange import Answer

Row = dict[str, Any]
Change = Callable[[list[Row]], list[Row]]
"""Makes new rows of rows, which it leaves as they are. Outside JSON every value is a str, and a null is empty."""

_LISTS = ("items", "data", "detections", "non_detections")
_FIELD = re.compile(r'<FIELD name="([^"]*)"')
_TABLE_DATA = re.compile(r"(?<=<TABLEDATA>\n).*(?=</TABLEDATA>)", re.DOTALL)
_ROW = re.compile(r"<TR><TD>(.*?)</TD></TR>", re.DOTALL)
_BETWEEN_CELLS = "</TD><TD>"


def document(answer: Answer) -> Any:
    """Read a JSON answer; None when it is something else, or an error."""
    if answer.status == 200 and answer.media_type == "application/json" and answer.body:
        return json.loads(answer.body)
    return None


def with_document(answer: Answer, told: Any) -> Answer:
    """Put another JSON document into an answer."""
    return replace(answer, body=json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())


def with_rows(answer: Answer, change: Change, facts: Row | None = None) -> Answer | None:
    """Change the rows of an answer.

    Parameters
    ----------
    answer : Answer
        As it came from the archive.
    change : callable
        Applied to every table in it.
    facts : dict, optional
        Facts beside a JSON answer's rows that change with them; one that is null or absent stays so.

    Returns
    -------
    Answer or None
        None when there are no rows that the change touches.
    """
    if answer.status != 200:
        return None
    if answer.media_type == "application/json":
        return _in_json(answer, change, facts or {})
    if answer.media_type == "text/csv":
        return _in_csv(answer, change)
    if answer.media_type == "application/x-votable+xml":
        return _in_votable(answer, change)
    return None


def _in_json(answer: Answer, change: Change, facts: Row) -> Answer | None:
    told = document(answer)
    touched = False
    for rows in lists_of(told):
        changed = change(rows)
        touched = touched or changed != rows
        rows[:] = changed
    if not touched:
        return None
    if isinstance(told, dict):
        told |= {name: value for name, value in facts.items() if told.get(name) is not None}
        if "paging" in told:
            count = len(told["data"])
            told["paging"] |= {"rows": count, "rowsFiltered": count, "rowsTotal": count, "pagesFiltered": 1}
    return with_document(answer, told)


def lists_of(told: Any) -> list[list[Row]]:
    """Find the lists of rows in a JSON document."""
    if isinstance(told, list):
        return [told]
    return [told[name] for name in _LISTS if isinstance(told.get(name), list)] if isinstance(told, dict) else []


def _in_csv(answer: Answer, change: Change) -> Answer | None:
    reader = csv.DictReader(io.StringIO(answer.body.decode(), newline=""))
    rows = list(reader)
    changed = change(rows)
    if changed == rows:
        return None
    sink = io.StringIO(newline="")
    writer = csv.DictWriter(sink, reader.fieldnames or (), lineterminator="\n")
    writer.writeheader()
    writer.writerows(changed)
    return replace(answer, body=sink.getvalue().encode())


def _in_votable(answer: Answer, change: Change) -> Answer | None:
    text = answer.body.decode()
    names = _FIELD.findall(text)
    data = _TABLE_DATA.search(text)
    if data is None:
        return None
    rows = [dict(zip(names, cells.split(_BETWEEN_CELLS), strict=True)) for cells in _ROW.findall(data[0])]
    changed = change(rows)
    if changed == rows:
        return None
    written = "".join(f"<TR><TD>{_BETWEEN_CELLS.join(row.values())}</TD></TR>\n" for row in changed)
    return replace(answer, body=f"{text[: data.start()]}{written}{text[data.end() :]}".encode())
