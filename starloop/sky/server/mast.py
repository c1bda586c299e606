"""MAST's portal: observations, their files, the TESS Input Catalog, and the download of files."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Cookie, Form
from fastapi.responses import FileResponse, Response

from starloop.sky.server.answers import json_answer
from starloop.sky.server.clock import Clock, View
from starloop.sky.server.mast_filters import BadFilter, passing
from starloop.sky.server.mast_tables import observations, observed_at, products, stars, stars_at
from starloop.sky.server.sphere import Positions

_PRODUCT_URI = "mast:TESS/product/"
_TOKEN = re.compile("[0-9a-f]{32}")
"""What MAST's tokens look like; any such one is welcome here."""
_TOKEN_LASTS = timedelta(days=10)
"""A token that nobody uses; the server says of every one that it was last used when the server started."""
_TYPES = {pa.string(): ("string", "char"), pa.int64(): ("int", "int"), pa.float64(): ("float", "double")}

_Table = Callable[[View], pa.Table]
_TABLES: dict[str, tuple[_Table, Callable[[View], Positions], str]] = {
    "mast.caom": (observations, observed_at, "distance"),
    "mast.catalogs.tic": (stars, stars_at, "dstArcSec"),
    "mast.catalogs.tess": (stars, stars_at, "dstArcSec"),
}
_FILTERED = {
    "mast.caom.filtered": "mast.caom",
    "mast.catalogs.filtered.tic": "mast.catalogs.tic",
}


def router(clock: Clock) -> APIRouter:
    """Serve the clock's view as MAST does; what the portal refuses is told in an answer of status ERROR."""
    routes = APIRouter()

    @routes.post("/portal/Mashup/Mashup.asmx/columnsconfig")
    def columns_config(config: Annotated[str, Form(alias="colConfigId")]) -> Response:
        table = _table_of(clock.view, config)
        if table is None:
            return json_answer({})
        return json_answer(
            {field.name: {"text": field.name, "vot.datatype": _TYPES[field.type][1]} for field in table.schema}
        )

    @routes.post("/api/v0/invoke")
    def invoke(request: Annotated[str, Form()]) -> Response:
        try:
            asked = json.loads(request)
            return json_answer(_invoke(clock.view, asked["service"], asked.get("params") or {}, asked))
        except BadFilter as wrong:
            return json_answer(_failed(str(wrong)))
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            return json_answer(_failed(f"the request cannot be read: {wrong!r}"))

    @routes.api_route("/api/v0.1/Download/file", methods=["GET", "HEAD"])
    def download(uri: str) -> Response:
        name = uri.removeprefix(_PRODUCT_URI)
        path = clock.sky.folder / "tess" / name
        # Only a file of the table: a name may not lead elsewhere, nor to a later night.
        if name == uri or pc.index(clock.view.tess["filename"], name).as_py() < 0 or not path.is_file():
            return json_answer({"detail": f"no file {uri}"}, status_code=404)
        return FileResponse(path, media_type="application/fits", filename=name)

    expire = (datetime.now(UTC) + _TOKEN_LASTS).isoformat(timespec="seconds")

    @routes.get("/whoami")
    def whoami(mast_token: Annotated[str, Cookie()] = "") -> dict[str, Any]:
        """Say whose token it is, and when it expires; MAST's name for that field, `expire`, is a guess."""
        if not _TOKEN.fullmatch(mast_token):
            return {"anon": True, "attrib": {}, "ezid": "anonymous", "scopes": [], "token": None}
        known = {"attrib": {"display_name": "someone"}, "ezid": "someone", "scopes": [], "token": {}}
        return {"anon": False, "expire": expire} | known

    return routes


def _table_of(view: View, config: str) -> pa.Table | None:
    """Give the table whose columns a configuration tells."""
    name = config.lower()
    if name == "mast.caom.products":
        return view.derive(products)
    described = _TABLES.get(name.removesuffix(".cone"))
    if described is None:
        return None
    make, _, distance = described
    table = view.derive(make)
    return table.append_column(distance, pa.nulls(len(table), pa.float64()))


def _invoke(view: View, service: str, params: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    name = service.lower().removesuffix(".rows")
    if name == "mast.catalogs.all.tic":
        # astroquery merges these summaries into the columns' configuration, which is complete already.
        return {
            "status": "COMPLETE",
            "data": {"Tables": [{"ExtendedProperties": {"discreteHistogram": {}, "continuousHistogram": {}}}]},
        }
    if name == "mast.caom.products":
        wanted = pa.array(str(params["obsid"]).split(","))
        table = view.derive(products)
        return _page(table.filter(pc.is_in(table["obsID"], value_set=wanted)), asked)
    if name.endswith(".cone") and name.removesuffix(".cone") in _TABLES:
        circle = (params["ra"], params["dec"], params["radius"])
        return _page(_within(view, name.removesuffix(".cone"), circle), asked)
    kind = _FILTERED.get(name.removesuffix(".position"))
    if kind is None:
        return _failed(f"the service {service} is not known")
    if not name.endswith(".position"):
        table = view.derive(_TABLES[kind][0])
    elif "position" in params:
        table = _within(view, kind, params["position"].split(","))
    else:
        table = _within(view, kind, (params["ra"], params["dec"], params["radius"]))
    found = passing(table, params.get("filters") or [])
    if params.get("columns") == "COUNT_BIG(*)":
        found = pa.table({"Column1": [str(len(found))]})
    return _page(found, asked)


def _within(view: View, kind: str, circle: Any) -> pa.Table:
    """Give the rows within a circle (degrees), nearest first, with their distances in arcsec."""
    make, positions, distance_name = _TABLES[kind]
    ra, dec, radius = (float(number) for number in circle)
    rows, distance = view.derive(positions).within(ra, dec, radius)
    return view.derive(make).take(pa.array(rows)).append_column(distance_name, pa.array(distance * 3600))


def _page(table: pa.Table, asked: dict[str, Any]) -> dict[str, Any]:
    size, page = max(int(asked.get("pagesize") or 50_000), 1), max(int(asked.get("page") or 1), 1)
    rows = table.slice((page - 1) * size, size).to_pylist()
    return {
        "status": "COMPLETE",
        "msg": "",
        "data": rows,
        "fields": [{"name": field.name, "type": _TYPES[field.type][0]} for field in table.schema],
        "paging": {
            "page": page,
            "pageSize": size,
            "pagesFiltered": -(-len(table) // size),
            "rows": len(rows),
            "rowsFiltered": len(table),
            "rowsTotal": len(table),
        },
    }


def _failed(sentence: str) -> dict[str, Any]:
    return {"status": "ERROR", "msg": sentence, "data": [], "fields": []}
