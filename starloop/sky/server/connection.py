"""The connection a request came over, for the faults that break it."""

import asyncio
import socket
import struct
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Line:
    """A client's connection.

    Parameters
    ----------
    transport : asyncio.Transport
        Its transport.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self._held = self._ending = False

    def hold(self) -> None:
        """Keep its client waiting for an answer that ends late or never; not when the server stops."""
        self._held = True
        self._abort_a_held_one()

    def release(self) -> None:
        """Have kept its client waiting for long enough."""
        self._held = False

    def end(self) -> None:
        """The server stops: a client that is left waiting on purpose must not hold it up."""
        self._ending = True
        self._abort_a_held_one()

    def _abort_a_held_one(self) -> None:
        if self._held and self._ending:
            self.transport.abort()

    def close(self) -> None:
        """Send what was written, then close."""
        self.transport.close()

    def reset(self) -> None:
        """Tear it down, so that the client sees a connection reset by its peer; one that has left sees nothing."""
        if self.transport.is_closing():
            return
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        self.transport.abort()


class LineProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's protocol, whose requests find their `Line` under ``line`` in the scope's state."""

    app_state: dict[str, Any]

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Keep hold of the connection."""
        super().connection_made(transport)
        self._line = Line(transport)
        self.app_state = self.app_state | {"line": self._line}

    def shutdown(self) -> None:
        """End, once the answer under way is sent."""
        super().shutdown()
        self._line.end()
