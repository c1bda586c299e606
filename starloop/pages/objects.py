"""The page ``/`` and the pages of one object."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from starloop.pages.frame import render

router = APIRouter()


@router.get("/", response_class=HTMLResponse, include_in_schema=False)
def home(request: Request) -> HTMLResponse:
    """Ask for an object."""
    return render(request, "home.html")
