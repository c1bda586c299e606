"""What every page of the desk shares: its frame, its headers, and where the stack's other pages are."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from starloop import processes
from starloop.nights.store import Home
from starloop.pages import plots
from starloop.workspace import Workspace

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"
# The browser itself sees to it that a page asks nobody but the desk.
_POLICY = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def render(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Give a page in the frame.

    Parameters
    ----------
    request : Request
        Its app knows the workspace.
    template : str
        File in ``templates/`` that extends ``base.html``.
    status : int
        Of the answer.
    **values
        What the template names; ``place`` and ``path`` are there already.
    """
    page = environment().get_template(template).render(place=place(request), path=request.url.path, **values)
    return HTMLResponse(page, status, HEADERS)


def place(request: Request) -> Workspace:
    """Give the workspace whose desk was asked."""
    found: Workspace = request.app.state.place
    return found


def stack(home: Home) -> dict[str, str]:
    """Give name to address of the stack's servers with pages of their own; empty where one does not run."""
    running = {one.name: one.url for one in processes.recorded(home.stack) if one.alive}
    return {name: running.get(name, "") for name in ("prefect", "mlflow")}


@cache
def environment() -> Environment:
    """Give the templates, and the filters they share."""
    made = Environment(
        loader=FileSystemLoader([FOLDER / "templates", FOLDER.parent / "drift"]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["figure"] = figure
    sizes = ("WIDTH", "HEIGHT", "LEFT", "RIGHT", "TOP", "BOTTOM", "MOST_ROWS")
    made.globals |= {name.lower(): getattr(plots, name) for name in sizes}
    return made


def figure(value: float | str | None, digits: int = 3) -> str:
    """Write a number for a person, with so many significant digits; a dash for nothing."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.{digits}g}" if abs(value) < 10**digits or abs(value) >= 1e7 else f"{value:.0f}"
    return str(value)
