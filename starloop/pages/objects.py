"""The page ``/`` and the pages of one object, fetched, kept or dropped."""

from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from starloop import explain, observed, predictions
from starloop.endpoint.answering import table
from starloop.endpoint.schemas import LightCurve
from starloop.errors import ArchiveDown, BadInput, StarloopError, UnknownObject
from starloop.features.extract import extract
from starloop.nights.one_object import named
from starloop.observed import Observed
from starloop.pages import dropped, view
from starloop.pages.asking import answer
from starloop.pages.frame import place, render
from starloop.pages.lineage import links
from starloop.predictions import Prediction
from starloop.workspace import Workspace

router = APIRouter(include_in_schema=False)
EXAMPLES = 16


@router.get("/", response_class=HTMLResponse)
def home(request: Request) -> HTMLResponse:
    """Ask for an object."""
    return _home(request)


@router.get("/object")
def find(request: Request, id: str = "") -> Response:  # noqa: A002 - the name of the form's field
    """Go to the page of the object that was typed."""
    try:
        return RedirectResponse(f"/object/{quote(named(id))}", 303)
    except BadInput as wrong:
        return _home(request, str(wrong), 400)


@router.get("/object/{name}", response_class=HTMLResponse)
def page(request: Request, name: str, fresh: bool = False) -> HTMLResponse:
    """Show an object as the newest night has it; from the archives where none has, or when asked to."""
    where = place(request)
    try:
        seen = None if fresh else observed.kept(where, name)
        if seen is None:
            seen = observed.observe(where, name, catalogues=True)
        return _object(request, seen, _of_night(where, seen) or answer(request, seen.body(), seen.curve))
    except UnknownObject as wrong:
        return _home(request, str(wrong), 404)
    except ArchiveDown as wrong:
        return _home(request, str(wrong), 503)
    except BadInput as wrong:
        return _home(request, str(wrong), 400)
    except StarloopError as wrong:
        return _home(request, str(wrong), 502)


@router.post("/object", response_class=HTMLResponse)
def drop(request: Request, file: UploadFile) -> HTMLResponse:
    """Show a light curve that was dropped on the page."""
    try:
        body = dropped.read(file.filename or "dropped", file.file.read())
        curve = _curve(body)
        return _object(request, None, answer(request, body, curve), curve)
    except BadInput as wrong:
        return _home(request, f"{file.filename}: {wrong}", 400)
    except StarloopError as wrong:
        return _home(request, str(wrong), 502)


def _curve(body: dict[str, Any]) -> pa.Table:
    try:
        return table([LightCurve.model_validate(body)])
    except ValidationError as wrong:
        first = wrong.errors()[0]
        raise BadInput(f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}") from None


def _home(request: Request, problem: str | None = None, status: int = 200) -> HTMLResponse:
    where = place(request)
    return render(request, "home.html", status, problem=problem, examples=_examples(where))


def _examples(where: Workspace) -> list[dict[str, Any]]:
    """Give objects of the last scored night: the most confident one of each decision."""
    nights = sorted((where.home.root / "predictions").glob("????-??-??.parquet"))
    if not nights:
        return []
    rows = pq.read_table(nights[-1]).to_pylist()
    sure = sorted(((max(v for k, v in row.items() if k.startswith("p_")), row) for row in rows), key=_least)
    best = {row["decision"]: {"oid": row["oid"], "decision": row["decision"], "probability": p} for p, row in sure}
    return sorted(best.values(), key=lambda one: (one["decision"] == "uncertain", one["decision"]))[:EXAMPLES]


def _least(one: tuple[float, dict[str, Any]]) -> tuple[float, str]:
    return one[0], one[1]["oid"]


def _of_night(where: Workspace, seen: Observed) -> Prediction | None:
    """Give what was predicted of an object in the night it is kept in; None where nothing was."""
    path = where.home.predictions(seen.night)
    if not seen.kept or not path.is_file():
        return None
    ids = pq.read_table(path, columns=["prediction_id"], filters=[("oid", "=", seen.name)])["prediction_id"]
    return predictions.find(where.home, ids[0].as_py()) if len(ids) else None


def _object(request: Request, seen: Observed | None, found: Prediction, curve: pa.Table = None) -> HTMLResponse:
    """Show an object and what was answered; without `seen`, a dropped light curve."""
    where = place(request)
    told = explain.told(where, found)
    curve = seen.curve if seen else curve
    features = found.features if found.features is not None else extract(curve)
    figures = view.figures(curve, features)
    return render(
        request,
        "object.html",
        name=found.oid,
        seen=seen,
        told=told,
        found=found,
        figures=figures,
        folded=view.folded(figures),
        answered=view.answered(told["answer"]),
        position=view.where(seen) if seen else None,
        links=links(where.home, found.version, found.night),
    )
