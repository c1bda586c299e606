"""The desk's app: pages for people, and the routes that need the archives or the home."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from starloop.endpoint.guard import Guarding, guarded
from starloop.pages import asking, model, objects, tonight
from starloop.pages.frame import STATIC
from starloop.pages.process import HEALTH
from starloop.workspace import Workspace

SCHEMA = "/pages/openapi.json"
WITHIN_S = 300.0
"""How long an answer may take: it may have to wait for archives."""


def create(place: Workspace, settings: Guarding) -> FastAPI:
    """Give the desk of a workspace, with the guard before it."""
    app = FastAPI(
        title="starloop desk",
        summary="One object of the sky, the last night, the model.",
        docs_url=None,
        redoc_url=None,
        # The proxy sends what is asked at the usual address to the endpoint.
        openapi_url=SCHEMA,
    )
    app.state.place = place
    for part in (objects, asking, tonight, model):
        app.include_router(part.router)
    app.mount("/pages/static", StaticFiles(directory=STATIC))

    @app.get(HEALTH, include_in_schema=False)
    def healthz() -> dict[str, str]:
        return {"desk": "ok"}

    return guarded(app, settings=settings.model_copy(update={"within_s": WITHIN_S}))
