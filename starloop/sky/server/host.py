"""Running the archive server: in this process beside other work, or in the foreground."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import uvicorn

from starloop.archives.config import Archives
from starloop.errors import BadInput, StarloopError
from starloop.nights.calendar import Night
from starloop.sky.server.app import create_app
from starloop.sky.server.canaries import archives_at
from starloop.sky.server.clock import Clock
from starloop.sky.server.connection import LineProtocol
from starloop.sky.server.faults import Faults, Told
from starloop.sky.tables import Sky

_ADDRESS = "127.0.0.1"
_POLL_S = 0.01


@dataclass(frozen=True)
class Served:
    """A sky that is being served.

    Parameters
    ----------
    url : str
        Where, without a trailing slash.
    """

    url: str
    _clock: Clock
    _faults: Faults

    def move(self, night: Night | None) -> None:
        """Stand at another night."""
        self._clock.move(night)

    def misbehave(self, faults: Iterable[Told]) -> None:
        """Let these faults strike from now on, instead of all others; none with an empty list.

        Raises
        ------
        BadInput
            When one cannot be set; then nothing changes.
        """
        self._faults.put(faults)

    @property
    def archives(self) -> Archives:
        """The settings with which the clients find this sky, as it is at its night."""
        return archives_at(self.url, self._clock.view)


@contextmanager
def serving(sky: Sky, as_of: Night | None, port: int = 0, faults: Iterable[Told] = ()) -> Iterator[Served]:
    """Serve a sky on 127.0.0.1 from a background thread for as long as the context lasts.

    Parameters
    ----------
    sky : Sky
        What to serve.
    as_of : Night, optional
        The night to stand at; after the last one unless given.
    port : int
        The system chooses one unless given.
    faults : iterable of Fault or dict
        How the archives misbehave from the start.

    Raises
    ------
    BadInput
        When the port is in use, or a fault cannot be set.
    StarloopError
        When the server stops while it is starting.
    """
    listening = _listen(port)
    try:
        app = create_app(sky, as_of, faults)
        server = uvicorn.Server(_config(app))
        thread = threading.Thread(target=_run, args=(server, listening), name="archive-server", daemon=True)
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(_POLL_S)
            _check_started(server)
            yield Served(f"http://{_ADDRESS}:{listening.getsockname()[1]}", app.state.clock, app.state.faults)
        finally:
            server.should_exit = True
            thread.join()
    finally:
        listening.close()


def run(sky: Sky, as_of: Night | None, port: int, faults: Iterable[Told] = ()) -> None:
    """Serve a sky on 127.0.0.1 until interrupted.

    Raises
    ------
    BadInput
        When the port is in use, or a fault cannot be set.
    StarloopError
        When the server stops while it is starting.
    """
    with _listen(port) as listening:
        server = uvicorn.Server(_config(create_app(sky, as_of, faults)))
        _run(server, listening)
        _check_started(server)


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    with suppress(SystemExit):  # so uvicorn ends when it cannot start, having logged why
        server.run([listening])


def _check_started(server: uvicorn.Server) -> None:
    if not server.started:
        raise StarloopError("the archive server stopped while it was starting: the log above says why")


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        http=LineProtocol,
        log_level="warning",
        access_log=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((_ADDRESS, port))
        listening.listen()
    except OSError as wrong:
        listening.close()
        raise BadInput(
            f"port {port} on {_ADDRESS} is in use: stop what listens there or choose another one ({wrong.strerror})"
        ) from None
    return listening
