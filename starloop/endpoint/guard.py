"""What stands before every route of the API and of the pages: who may ask, how often, how much and for how long."""

import asyncio
import ipaddress
import logging
import re
import time
from uuid import uuid4

from fastapi import FastAPI
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starloop.endpoint import bodies
from starloop.endpoint.documented import documented
from starloop.endpoint.problems import Refused
from starloop.endpoint.rates import Rate
from starloop.endpoint.refusing import refusing
from starloop.endpoint.tokens import CHALLENGE, Tokens
from starloop.errors import BadInput

OPEN = frozenset({"/healthz", "/livez", "/readyz", "/metrics", "/pages/healthz"})
"""Whoever watches the processes needs no token for these."""
_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LOG = logging.getLogger("starloop.requests")


class Guarding(BaseSettings):
    """Variables with ``STARLOOP_`` in front, read when a server starts."""

    model_config = SettingsConfigDict(env_prefix="STARLOOP_", frozen=True, extra="ignore")

    tokens: SecretStr = SecretStr("")
    """Who may ask: ``name:sha256hex``, separated by commas. Without any everyone may, from this machine alone."""
    requests_a_minute: int = Field(3_000, ge=1)
    """Of one token, in each process; that many at once, too."""
    most_bytes: int = Field(16 * 2**20, ge=1)
    """Of a body, as sent and unpacked."""
    most_at_once: int = Field(200, ge=1)
    """Requests under way in a process; more are asked to come again."""
    within_s: float = Field(60.0, gt=0)
    """For a body to come and its answer to be made, seconds."""


def guarded(app: FastAPI, *, settings: Guarding) -> FastAPI:
    """Put the guard before an app that has not answered yet, and have it answer problems as problem+json.

    Every answer carries ``X-Request-ID``: the asker's when it is sane, otherwise a new one; a route finds it in
    ``request.state.request_id``, and the name of the asker's token (None while no token is needed) in
    ``request.state.asker``. Bodies come to the app whole and unpacked.

    Raises
    ------
    BadInput
        When the tokens cannot be read.
    """
    tokens = Tokens.parse(settings.tokens.get_secret_value())
    refusing(app)
    documented(app, with_tokens=bool(tokens))
    app.add_middleware(GZipMiddleware, minimum_size=1_024, compresslevel=4)
    app.add_middleware(Guard, settings=settings, tokens=tokens)
    return app


def check_bind(host: str, settings: Guarding) -> None:
    """Say whom a server on this host answers; raise `BadInput` when that would be anyone on the network."""
    if Tokens.parse(settings.tokens.get_secret_value()):
        return
    if not _loopback(host):
        raise BadInput(
            f"without tokens the endpoint answers on 127.0.0.1 only, not on {host or 'every address'}:"
            " set STARLOOP_TOKENS to name:sha256hex"
        )
    logging.getLogger("starloop").warning(
        "the endpoint is open: whoever is on this machine may ask it, for STARLOOP_TOKENS is not set"
    )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """ASGI middleware; see `guarded`."""

    def __init__(self, app: ASGIApp, settings: Guarding, tokens: Tokens) -> None:
        self._app, self._settings, self._tokens = app, settings, tokens
        self._rates = {name: Rate(settings.requests_a_minute) for name in tokens.hashes}
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = dict(scope["headers"])
        told = headers.get(b"x-request-id", b"")
        request_id = told if _SANE.fullmatch(told) else uuid4().hex.encode()
        state = scope["state"] = {**scope.get("state", {}), "request_id": request_id.decode(), "asker": None}
        status = 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        self._under_way += 1
        try:
            state["asker"] = self._admitted(scope["path"], headers)
            await self._answered(scope, headers, receive, marked)
        except Refused as refused:
            if status:
                raise
            await refused.response(state["request_id"])(scope, receive, marked)
        except Exception:
            _LOG.exception("request %s failed", state["request_id"])
            if status:
                raise
            failed = Refused(500, "the endpoint failed; its log says why, under this request_id")
            await failed.response(state["request_id"])(scope, receive, marked)
        finally:
            self._under_way -= 1
            took = 1e3 * (time.perf_counter() - began)
            path = scope.get("raw_path", b"").decode("ascii", "replace")
            # Of a thousand good answers a second nobody reads a line each, and the log would fill the disk.
            level = logging.INFO if status >= 400 else logging.DEBUG
            _LOG.log(level, "%s %s %s %d %.1f ms", state["request_id"], scope["method"], path, status, took)

    def _admitted(self, path: str, headers: dict[bytes, bytes]) -> str | None:
        if path in OPEN:
            return None
        if self._under_way > self._settings.most_at_once:
            raise Refused(503, "too many requests are under way; come again", headers={"Retry-After": "1"})
        if not self._tokens:
            return None
        name = self._tokens.name(headers.get(b"authorization", b"").decode("latin-1"))
        if name is None:
            raise Refused(401, "no good token came with the request: send Authorization: Bearer", headers=CHALLENGE)
        if wait := self._rates[name].wait():
            allowed = f"{self._settings.requests_a_minute:,} requests a minute"
            raise Refused(
                429, f"the token {name} has asked more than {allowed}; come again", headers={"Retry-After": str(wait)}
            )
        return name

    async def _answered(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        whole = False
        try:
            async with asyncio.timeout(self._settings.within_s) as limit:
                scope, once = await self._whole(scope, headers, receive)
                whole = True
                await self._app(scope, once, send)
        except TimeoutError:
            if not limit.expired():
                raise
            within = f"within {self._settings.within_s:g} s"
            if not whole:
                raise Refused(408, f"the body did not come {within}") from None
            raise Refused(504, f"there was no answer {within}; ask for less") from None

    async def _whole(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> tuple[Scope, Receive]:
        if b"content-length" not in headers and b"transfer-encoding" not in headers:
            return scope, receive
        body = await bodies.read(receive, headers, self._settings.most_bytes)
        if b"content-encoding" in headers:
            packed = (b"content-encoding", b"content-length", b"transfer-encoding")
            kept = [(name, value) for name, value in scope["headers"] if name not in packed]
            scope = {**scope, "headers": [*kept, (b"content-length", str(len(body)).encode())]}
        given = False

        async def once() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return scope, once
