"""The layer before the archives that lets faults strike; without faults it only hands requests on."""

import asyncio
from dataclasses import replace

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from starloop.sky.server.connection import Line
from starloop.sky.server.exchange import Answer, Asked
from starloop.sky.server.faults import Faults

TRICKLE_S = 0.2
"""Between two bytes: soon enough for any socket's timeout, too slow for any deadline."""


class Misbehaving:
    """ASGI middleware: requests that a fault covers are read and answered whole.

    Parameters
    ----------
    app : ASGIApp
        The archives.
    faults : Faults
        The switch; it may be turned at any time.
    """

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not self._faults.standing or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        standing = [one for one in self._faults.standing if one.covers(target)]
        if not standing:
            await self._app(scope, receive, send)
            return
        asked = await _read(scope, receive)
        chosen = [one for one in standing if one.chooses(asked)]
        answer = await self._answer(scope, asked, receive)
        query = asked.query_of_page_before
        if query is not None and any(one.kind.needs_page_before for one in chosen):
            before = await self._answer({**scope, "query_string": query.encode("latin-1")}, asked, receive)
            asked = replace(asked, page_before=before)
        for one in chosen:
            answer = one.spoil(answer, asked)
        await _send(answer, scope["state"]["line"], receive, send)

    async def _answer(self, scope: Scope, asked: Asked, receive: Receive) -> Answer:
        """Let the archive answer, and keep what it says."""
        unread = True
        status, headers, parts = 0, {}, []

        async def again() -> Message:
            nonlocal unread
            if not unread:
                return await receive()
            unread = False
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def keep(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
            else:
                parts.append(message.get("body", b""))

        await self._app(dict(scope), again, keep)
        if asked.method != "HEAD":  # whose answer tells the length of a body it does not have
            headers.pop("content-length", None)
        return Answer(status, headers, b"".join(parts))


async def _read(scope: Scope, receive: Receive) -> Asked:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    content_type = dict(scope["headers"]).get(b"content-type", b"").decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return Asked(scope["method"], scope["path"], query, content_type, b"".join(parts))


async def _send(answer: Answer, line: Line, receive: Receive, send: Send) -> None:
    if answer.sending == "reset":
        line.reset()
        await _until_gone(receive)
        return
    headers = {"content-length": str(len(answer.body))} | answer.headers
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    if answer.sending == "whole":
        await send({"type": "http.response.body", "body": answer.body})
        return
    if answer.sending == "trickled":
        line.hold()
        await _trickle(answer.body, receive, send)
        line.release()
        return
    await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
    if answer.sending == "cut":
        line.close()
    else:
        line.hold()
    await _until_gone(receive)


async def _trickle(body: bytes, receive: Receive, send: Send) -> None:
    gone = asyncio.create_task(_until_gone(receive))
    for sent in range(1, len(body) + 1):
        await send({"type": "http.response.body", "body": body[sent - 1 : sent], "more_body": sent < len(body)})
        await asyncio.wait([gone], timeout=TRICKLE_S)
        if gone.done():
            return


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
