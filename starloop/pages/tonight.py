"""The page ``/tonight``: a night's objects, and what else the night left for people."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.pages.frame import HEADERS, place, render
from starloop.pages.listing import AT_ONCE, COLUMNS, SHOWN, WORTH, Asked, chosen, pages
from starloop.report import curves
from starloop.report.choices import CHOICES
from starloop.report.objects import scored, scored_nights

router = APIRouter(include_in_schema=False)

# Pages that nights leave carry their own style, and Evidently's its own script; they may ask for nothing.
_KEPT = HEADERS | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; font-src data:; base-uri 'none'; frame-ancestors 'none'"
}


@router.get("/tonight", response_class=HTMLResponse)
def page(
    request: Request,
    night: str | None = None,
    show: str = WORTH,
    sort: str | None = None,
    order: str | None = None,
    page: str = "1",
) -> HTMLResponse:
    """Show a night's objects; the last scored night's unless another is named."""
    home = place(request).home
    nights = [str(one) for one in scored_nights(home)]
    try:
        asked = Asked(night or None, show, sort or None, order or None, int(page) if page.isdecimal() else 0)
        told = _told(home, nights, asked) if nights else {}
    except BadInput as wrong:
        return _problem(request, 400, str(wrong))
    return render(request, "tonight.html", nights=nights, asked=asked, problem=None, **{"objects": None} | told)


@router.get("/tonight/{folder}/{name}.html")
def kept(request: Request, folder: Literal["reports", "data_docs", "evaluation", "drift"], name: str) -> Response:
    """Show a page that a night left in the home."""
    return _file(request, folder, f"{name}.html")


@router.get("/tonight/reports/{name}.json")
def numbers(request: Request, name: str) -> Response:
    """Give the numbers of a night's report."""
    return _file(request, "reports", f"{name}.json")


@router.get("/tonight/drift/{night}/{name}.html")
def evidently(request: Request, night: str, name: str) -> Response:
    """Show Evidently's page of a night that moved."""
    return _file(request, f"drift/{night}", f"{name}.html")


def _file(request: Request, folder: str, name: str) -> Response:
    """Send a file of the home; a page that says what is missing where it is not there."""
    home = place(request).home
    path = home.root / folder / name
    # No address leads out of the folder, whatever its dots.
    if ".." not in folder and path.is_file() and path.resolve().parent == (home.root / folder).resolve():
        return FileResponse(path, headers=_KEPT)
    return _problem(request, 404, f"{folder}/{name} is not there: the night may not have been run; choose another one")


def _problem(request: Request, status: int, sentence: str) -> HTMLResponse:
    nights = [str(one) for one in scored_nights(place(request).home)]
    return render(request, "tonight.html", status, nights=nights, asked=Asked(), problem=sentence, objects=None)


def _told(home: Home, nights: list[str], asked: Asked) -> dict[str, Any]:
    night = Night.parse(asked.night or nights[-1])
    objects = scored(home, night)
    rows = chosen(objects, asked)
    if asked.page > pages(rows.num_rows):
        raise BadInput(f"page={asked.page} is not there: the last one is {pages(rows.num_rows)}")
    shown = rows.slice((asked.page - 1) * AT_ONCE, AT_ONCE).to_pylist()
    drawn = curves.read(home.good(night), [row["oid"] for row in shown])
    place_of = nights.index(str(night))
    return {
        "night": str(night),
        "before": nights[place_of - 1] if place_of else None,
        "after": nights[place_of + 1] if place_of + 1 < len(nights) else None,
        "objects": objects.num_rows,
        "total": rows.num_rows,
        "pages": pages(rows.num_rows),
        "first": (asked.page - 1) * AT_ONCE + 1,
        "rows": [
            {**row, "picture": curves.draw(drawn[row["oid"]], curves.SMALL) if row["oid"] in drawn else None}
            for row in shown
        ],
        "columns": COLUMNS,
        "known": {name: objects[name].null_count < objects.num_rows for name in ("anomaly", "news", "points")},
        "shown": {name: (*SHOWN[name], _count(name, objects)) for name in SHOWN},
        "report": home.report(night).is_file(),
        "checks": (home.data_docs / f"{night}.html").is_file(),
    }


def _count(name: str, objects: Any) -> int | None:
    return CHOICES[name].of(objects).num_rows if name in CHOICES else None
