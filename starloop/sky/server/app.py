"""The archive server: any sky directory, behind the real archives' protocols."""

import json
from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from pydantic import BaseModel

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.server import alerce, catalogues, irsa, irsa_account, mast, tap, xmatch
from starloop.sky.server.canaries import archives_at
from starloop.sky.server.clock import Clock
from starloop.sky.server.dated import Dated
from starloop.sky.server.faults import Faults, Told
from starloop.sky.server.misbehave import Misbehaving
from starloop.sky.tables import Sky


class _Moment(BaseModel):
    as_of: str | None


def create_app(sky: Sky, as_of: Night | None, faults: Iterable[Told] = ()) -> FastAPI:
    """Make the server's application; its clock is ``app.state.clock``, the switch of its faults ``app.state.faults``.

    Parameters
    ----------
    sky : Sky
        What it serves.
    as_of : Night, optional
        The night it stands at; after the last one unless given.
    faults : iterable of Fault or dict
        How the archives misbehave from the start.

    Raises
    ------
    BadInput
        When a fault cannot be set.
    """
    switch = Faults(faults)
    clock = Clock(sky, as_of)
    app = FastAPI(title="starloop archive server", redirect_slashes=False)
    app.state.clock = clock
    app.state.faults = switch
    app.add_middleware(Misbehaving, faults=switch)
    app.add_middleware(Dated)
    for archive in (alerce, irsa, catalogues, mast, xmatch, tap):
        app.include_router(archive.router(clock))
    app.include_router(irsa_account.router())

    @app.exception_handler(RequestValidationError)
    def refuse(_: Request, wrong: RequestValidationError) -> JSONResponse:
        errors = {str(error["loc"][1]): error["msg"] for error in wrong.errors()}
        sentence = "; ".join(f"{name}: {message}" for name, message in errors.items())
        return JSONResponse({"errors": errors, "detail": sentence, "message": sentence}, status_code=400)

    @app.get("/ztf/v1/objects/")
    def without_slash(request: Request) -> RedirectResponse:
        return RedirectResponse(str(request.url.replace(path="/ztf/v1/objects")), status_code=308)

    @app.get("/clock")
    def tell() -> dict[str, str | None]:
        return {"as_of": str(clock.as_of) if clock.as_of else None}

    @app.put("/clock", response_model=None)
    def move(moment: _Moment) -> dict[str, str | None] | JSONResponse:
        try:
            clock.move(None if moment.as_of is None else Night.parse(moment.as_of))
        except BadInput as wrong:
            return JSONResponse({"detail": str(wrong)}, status_code=400)
        return tell()

    @app.get("/archives")
    def tell_archives(request: Request) -> dict[str, Any]:
        told = archives_at(str(request.base_url).rstrip("/"), clock.view)
        return told.model_dump(mode="json", exclude={"credentials"})

    @app.get("/faults")
    def tell_faults() -> list[dict[str, Any]]:
        return switch.told()

    @app.put("/faults", response_model=None)
    async def put_faults(request: Request) -> list[dict[str, Any]] | JSONResponse:
        try:
            switch.put(_as_json(await request.body()))
        except BadInput as wrong:
            return JSONResponse({"detail": str(wrong)}, status_code=400)
        return switch.told()

    @app.delete("/faults")
    def clear_faults() -> list[dict[str, Any]]:
        switch.put([])
        return switch.told()

    @app.get("/health")
    def health() -> dict[str, str | None]:
        return {"sky": sky.name, "origin": sky.origin, **tell()}

    return app


def _as_json(body: bytes) -> Any:
    """Read the faults a person put; what is not JSON is no list of them."""
    try:
        return json.loads(body)
    except ValueError:
        return None
