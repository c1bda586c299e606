"""TAPVizieR: VizieR tables by ADQL, and the documents that tell a client what is there."""

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pyarrow as pa
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from starloop.sky.server.adql import BadQueryError, Query, parse
from starloop.sky.server.answers import VOTABLE_TYPES, csv_answer, votable_answer, votable_error
from starloop.sky.server.catalogues import vizier_table, vizier_tables
from starloop.sky.server.clock import Clock, View

_CENTRE = ("RAJ2000", "DEJ2000")
_XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
_VODATASERVICE = "http://www.ivoa.net/xml/VODataService/v1.1"


def router(clock: Clock) -> APIRouter:
    """Serve the clock's catalogues as TAPVizieR does."""
    routes = APIRouter(prefix="/TAPVizieR/tap")

    @routes.api_route("/sync", methods=["GET", "POST"])
    async def sync(request: Request) -> Response:
        asked = dict(request.query_params)
        async with request.form() as form:
            asked |= {name: value for name, value in form.items() if isinstance(value, str)}
        return await run_in_threadpool(_answer, clock.view, {name.upper(): value for name, value in asked.items()})

    @routes.get("/capabilities")
    def capabilities(request: Request) -> Response:
        return Response(_capabilities(str(request.url).removesuffix("/capabilities")), media_type="text/xml")

    @routes.get("/tables")
    def tables() -> Response:
        return Response(_tables(clock.view), media_type="text/xml")

    return routes


def _answer(view: View, asked: dict[str, Any]) -> Response:
    try:
        query = parse(asked.get("QUERY", ""))
        limit = int(asked["MAXREC"]) if "MAXREC" in asked else None
        rows = _rows(view, query)
    except BadQueryError as wrong:
        return votable_error(str(wrong))
    except ValueError:
        return votable_error("MAXREC must be a whole number")
    overflow = limit is not None and len(rows) > limit
    rows = rows.slice(0, limit)
    if asked.get("FORMAT", asked.get("RESPONSEFORMAT", "votable")).lower() in ("csv", "text/csv"):
        return csv_answer(rows)
    return votable_answer(rows, overflow=overflow)


def _rows(view: View, query: Query) -> pa.Table:
    known = vizier_table(view, query.table)
    if known is None:
        raise BadQueryError(f"there is no table {query.table}")
    table, positions = known
    unknown = [name for name in query.columns if name not in table.column_names]
    if unknown:
        raise BadQueryError(f"the table {query.table} has no column {unknown[0]}")
    if query.circles:
        if query.centres != {_CENTRE}:
            raise BadQueryError(f"a circle must be about POINT('ICRS',{','.join(_CENTRE)})")
        within = [row for circle in query.circles for row in positions.within(*circle)[0].tolist()]
        table = table.take(pa.array(list(dict.fromkeys(within)), pa.int64()))
    return table.select(list(query.columns) or table.column_names).slice(0, query.top)


def _capabilities(url: str) -> str:
    def offered(standard: str, path: str) -> str:
        return (
            f'<capability standardID="ivo://ivoa.net/std/VOSI#{standard}">'
            '<interface xsi:type="vs:ParamHTTP" role="std">'
            f'<accessURL use="full">{escape(url)}/{path}</accessURL></interface></capability>'
        )

    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<vosi:capabilities '
        f'xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0" xmlns:vs="{_VODATASERVICE}" '
        f'xmlns:tr="http://www.ivoa.net/xml/TAPRegExt/v1.0" {_XSI}>'
        '<capability standardID="ivo://ivoa.net/std/TAP" xsi:type="tr:TableAccess">'
        '<interface xsi:type="vs:ParamHTTP" role="std">'
        f'<accessURL use="base">{escape(url)}</accessURL></interface>'
        '<language><name>ADQL</name><version ivo-id="ivo://ivoa.net/std/ADQL#v2.0">2.0</version></language>'
        "<outputFormat><mime>application/x-votable+xml</mime><alias>votable</alias></outputFormat>"
        "<outputFormat><mime>text/csv</mime><alias>csv</alias></outputFormat></capability>"
        f"{offered('capabilities', 'capabilities')}{offered('tables', 'tables')}</vosi:capabilities>\n"
    )


def _tables(view: View) -> str:
    described = []
    for name, (table, _) in view.derive(vizier_tables).items():
        columns = "".join(
            f'<column><name>{escape(field.name)}</name><dataType xsi:type="vs:VOTableType"'
            f"{' arraysize=' + quoteattr('*') if field.type == pa.string() else ''}>"
            f"{VOTABLE_TYPES[field.type]}</dataType></column>"
            for field in table.schema
        )
        described.append(f"<table><name>{escape(quoteattr(name))}</name>{columns}</table>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<vosi:tableset '
        f'xmlns:vosi="http://www.ivoa.net/xml/VOSITables/v1.0" xmlns:vs="{_VODATASERVICE}" {_XSI}>'
        f"<schema><name>vizier</name>{''.join(described)}</schema></vosi:tableset>\n"
    )
