"""Connections that another thread can cut: no timeout of a socket ends headers or a body that trickle in."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool

T = TypeVar("T")

_here = threading.local()


def cuttable(request: Callable[[], T]) -> tuple[Callable[[], T], Callable[[], None]]:
    """Give what makes a request over a `prepared` pool, and what cuts its connection from another thread."""
    wires: list[_Wire] = []

    def send() -> T:
        wire = _here.wire = _Wire()
        wires[:] = [wire]
        try:
            return request()
        finally:
            wire.leave()

    def cut() -> None:
        for wire in wires:
            wire.cut()

    return send, cut


def prepared(pool: HTTPConnectionPool) -> HTTPConnectionPool:
    """Let a pool make connections that can be cut."""
    pool.ConnectionCls = _Secure if pool.scheme == "https" else _Plain
    return pool


class _Wire:
    """The socket that one request goes over."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._cut = False

    def use(self, taken: socket.socket) -> None:
        """Go over this socket from now on; the request may have been given up while it connected."""
        self._socket = taken
        if self._cut:
            self.cut()

    def leave(self) -> None:
        """Let the socket go: the next request may use it."""
        self._socket = None

    def cut(self) -> None:
        """End whatever the socket is waiting for."""
        self._cut = True
        taken = self._socket
        if taken is not None:
            with suppress(OSError):
                taken.shutdown(socket.SHUT_RDWR)


class _Plain(HTTPConnection):
    """A connection that tells the request it serves which socket it has."""

    def send(self, data: Any) -> None:
        """Send a part of a request, connected or not yet."""
        if self.sock is None:
            self.connect()
        _here.wire.use(self.sock)
        super().send(data)


class _Secure(_Plain, HTTPSConnection):
    """The same over TLS."""
