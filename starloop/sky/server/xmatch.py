"""The CDS cross-match service: an uploaded list of positions against one VizieR table."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, Response
from pyarrow import csv

from starloop.sky.server.answers import csv_answer, votable_answer, votable_error
from starloop.sky.server.catalogues import vizier_names, vizier_table
from starloop.sky.server.clock import Clock, View
from starloop.sky.server.sphere import Reals

LARGEST_DISTANCE_ARCSEC = 180.0
_WRITERS = {"votable": votable_answer, "csv": csv_answer}
_KEPT_TYPES = (pa.string(), pa.int64(), pa.float64(), pa.bool_())


class BadMatchError(ValueError):
    """A cross-match that cannot be made; the text says why."""


def router(clock: Clock) -> APIRouter:
    """Serve the clock's catalogues as the CDS does."""
    routes = APIRouter(prefix="/xmatch/api/v1/sync")

    @routes.get("/tables")
    def tables() -> PlainTextResponse:
        return PlainTextResponse("".join(f"{name}\n" for name in vizier_names(clock.view)))

    @routes.post("")
    async def match(request: Request) -> Response:
        async with request.form() as form:
            asked: dict[str, Any] = {name: value for name, value in form.items() if isinstance(value, str)}
            for name, value in form.items():
                if not isinstance(value, str):
                    asked[name] = await value.read()
        return await run_in_threadpool(_answer, clock.view, asked)

    return routes


def _answer(view: View, asked: dict[str, Any]) -> Response:
    write = _WRITERS.get(str(asked.get("RESPONSEFORMAT", "votable")).lower())
    try:
        if write is None:
            raise BadMatchError(f"RESPONSEFORMAT must be one of {', '.join(_WRITERS)}")
        return write(_matched(view, asked))
    except BadMatchError as wrong:
        return votable_error(str(wrong))


def _matched(view: View, asked: dict[str, Any]) -> pa.Table:
    name = str(asked.get("cat2", "")).removeprefix("vizier:")
    known = vizier_table(view, name)
    if known is None:
        raise BadMatchError(f"cat2 must be vizier:NAME of a table listed under tables, not {asked.get('cat2')!r}")
    if str(asked.get("area", "allsky")).lower() != "allsky":
        raise BadMatchError("area must be allsky")
    try:
        distance = float(asked["distMaxArcsec"])
    except (KeyError, ValueError):
        raise BadMatchError("distMaxArcsec must be a number of arcseconds") from None
    if not 0 < distance <= LARGEST_DISTANCE_ARCSEC:
        raise BadMatchError(f"distMaxArcsec must be above 0 and not above {LARGEST_DISTANCE_ARCSEC:g}")
    given = _uploaded(asked.get("cat1"))
    table, positions = known
    rows, found, apart = positions.pairs(_real(given, asked, "colRA1"), _real(given, asked, "colDec1"), distance / 3600)
    columns = {"angDist": pa.array(np.round(apart * 3600, 6))}
    for name, column in zip(given.column_names, given.take(pa.array(rows)).columns, strict=True):
        columns[name] = column
    for name, column in zip(table.column_names, table.take(pa.array(found)).columns, strict=True):
        columns[name if name not in columns else f"{name}_2"] = column
    return pa.table(columns)


def _uploaded(content: object) -> pa.Table:
    if not isinstance(content, bytes):
        raise BadMatchError("cat1 must be an uploaded CSV file")
    try:
        table = csv.read_csv(pa.BufferReader(content))
    except pa.ArrowInvalid as wrong:
        raise BadMatchError(f"cat1 cannot be read as CSV: {wrong}") from wrong
    return pa.table(
        {
            name: column if column.type in _KEPT_TYPES else pc.cast(column, pa.string())
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
    )


def _real(given: pa.Table, asked: dict[str, Any], parameter: str) -> Reals:
    name = asked.get(parameter)
    if name not in given.column_names:
        raise BadMatchError(f"{parameter} must name a column of cat1, not {name!r}")
    try:
        values: Reals = pc.cast(given[name], pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        raise BadMatchError(f"the column {name} of cat1 must hold degrees") from None
    return values
