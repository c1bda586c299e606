"""The page ``/tonight``."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from starloop.pages.frame import render

router = APIRouter()


@router.get("/tonight", response_class=HTMLResponse, include_in_schema=False)
def page(request: Request) -> HTMLResponse:
    """Show it."""
    return render(request, "tonight.html")
