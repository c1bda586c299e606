"""The date of each answer, by which a client can tell whether its clock is right; a fault may set it wrong."""

from email.utils import formatdate

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Dated:
    """ASGI middleware: an answer without a ``Date`` gets one, instead of uvicorn's, which cannot be replaced."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start" and all(name != b"date" for name, _ in message["headers"]):
                message["headers"] = [(b"date", formatdate(usegmt=True).encode()), *message["headers"]]
            await send(message)

        await self._app(scope, receive, dated)
