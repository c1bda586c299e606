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
        self.stalled = False
        """Nothing more is sent over it: the server need not wait for it when it stops."""

    def close(self) -> None:
        """Send what was written, then close."""
        self.transport.close()

    def reset(self) -> None:
        """Tear it down, so that the client sees a connection reset by its peer."""
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
        """End: at once where a client is left waiting on purpose."""
        if self._line.stalled:
            self.transport.abort()
        else:
            super().shutdown()
