"""IRSA's ZTF light-curve service, ``nph_light_curves``: data-release photometry by position or object number."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from starloop.sky.server.answers import csv_answer, ipac_answer, votable_answer
from starloop.sky.server.clock import Clock, View
from starloop.sky.server.sphere import Ints, Positions

LARGEST_RADIUS_DEG = 0.1667
_WHOLE = ("expid", "filefracday", "ccdid", "qid", "programid")
_WRITERS = {"CSV": csv_answer, "IPAC_TABLE": ipac_answer, "VOTABLE": votable_answer}
_PARAMETERS = {
    "POS", "ID", "BAND", "BANDNAME", "NOBS_MIN", "TIME", "MAG", "BAD_CATFLAGS_MASK", "COLLECTION", "FORMAT"
}  # fmt: skip


class UsageError(Exception):
    """A parameter IRSA refuses; the text says which."""


def router(clock: Clock) -> APIRouter:
    """Serve the clock's view as IRSA does; a wrong parameter gets 400 and one line of text."""
    routes = APIRouter()

    @routes.get("/cgi-bin/ZTF/nph_light_curves")
    def light_curves(request: Request) -> Response:
        asked: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            asked.setdefault(name.upper(), []).append(value)
        try:
            write = _WRITERS.get(_one(asked, "FORMAT", "VOTABLE").upper())
            if write is None:
                raise UsageError(f"FORMAT must be one of {', '.join(_WRITERS)}")
            return write(_answer(clock.view, asked))
        except UsageError as fault:
            return PlainTextResponse(f"UsageFault: {fault}\n", status_code=400)

    return routes


def _answer(view: View, asked: dict[str, list[str]]) -> pa.Table:
    unknown = sorted(set(asked) - _PARAMETERS)
    if unknown:
        raise UsageError(f"unknown parameter {unknown[0]}")
    rows = view.releases.of_places(_places(view, asked))
    band = asked.get("BANDNAME") or asked.get("BAND")
    if band:
        rows = rows.filter(pc.is_in(rows["filtercode"], value_set=pa.array(_filters(band))))
    for name, column in (("TIME", "mjd"), ("MAG", "mag")):
        if name in asked:
            least, most = _range(name, asked[name][0])
            rows = rows.filter(pc.and_(pc.greater_equal(rows[column], least), pc.less_equal(rows[column], most)))
    mask = _count(asked, "BAD_CATFLAGS_MASK")
    if mask:
        rows = rows.filter(pc.equal(pc.bit_wise_and(rows["catflags"], mask), 0))
    least_epochs = _count(asked, "NOBS_MIN")
    if least_epochs > 1:
        counts = rows.group_by("oid").aggregate([("oid", "count")])
        enough = counts.filter(pc.greater_equal(counts["oid_count"], least_epochs))["oid"]
        rows = rows.filter(pc.is_in(rows["oid"], value_set=enough.combine_chunks()))
    return _as_served(rows)


def _places(view: View, asked: dict[str, list[str]]) -> Ints:
    if ("POS" in asked) == ("ID" in asked):
        raise UsageError("exactly one of POS and ID must be given")
    if "ID" in asked:
        try:
            wanted = [int(part) for text in asked["ID"] for part in text.split(",")]
        except ValueError:
            raise UsageError("ID must be one or more integers") from None
        found = pc.is_in(view.releases.keys, value_set=pa.array(wanted, pa.int64()))
        return np.flatnonzero(found.to_numpy(zero_copy_only=False))
    match asked["POS"][0].split():
        case [shape, *numbers] if shape.upper() == "CIRCLE" and len(numbers) == 3:
            ra, dec, radius = (_real("POS", text) for text in numbers)
        case _:
            raise UsageError("POS must be CIRCLE ra dec radius, in degrees")
    if not (0 <= ra <= 360 and -90 <= dec <= 90 and 0 < radius <= LARGEST_RADIUS_DEG):
        raise UsageError(f"POS is not on the sky, or its radius is not within 0 and {LARGEST_RADIUS_DEG} degrees")
    return view.derive(sources).within(ra, dec, radius)[0]


def sources(view: View) -> Positions:
    """Index the mean positions of the release sources."""
    ra, dec = view.releases.positions()
    return Positions(ra.to_numpy(zero_copy_only=False), dec.to_numpy(zero_copy_only=False))


def _filters(band: list[str]) -> list[str]:
    names = [name.strip() for text in band for name in text.split(",")]
    if not set(names) <= {"g", "r", "i"}:
        raise UsageError("BANDNAME must be g, r or i, or several of them with commas")
    return ["z" + name for name in names]


def _range(name: str, text: str) -> tuple[float, float]:
    ends = [_real(name, end) for end in re.split(r"[\s,/]+", text.strip())]
    if len(ends) != 2:
        raise UsageError(f"{name} must be two numbers, the least and the most")
    return ends[0], ends[1]


def _real(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} holds {text!r}, which is not a number") from None


def _count(asked: dict[str, list[str]], name: str) -> int:
    number = _real(name, _one(asked, name, "0"))
    if not (number >= 0 and number.is_integer()):
        raise UsageError(f"{name} must be a whole number")
    return int(number)


def _one(asked: dict[str, list[str]], name: str, default: str) -> str:
    return asked.get(name, [default])[0]


def _as_served(rows: pa.Table) -> pa.Table:
    """Leave out what IRSA does not tell, and write its whole numbers as such."""
    rows = rows.drop_columns("query")
    columns: dict[str, Any] = {name: rows[name] for name in rows.column_names}
    for name in _WHOLE:
        columns[name] = pc.cast(pc.round(columns[name]), pa.int64(), safe=False)
    return pa.table(columns)
