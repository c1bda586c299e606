"""The desk's process: one a home, started beside the proxy and known to it by a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from starloop import processes
from starloop.endpoint import proxy
from starloop.nights.store import Home, write_json
from starloop.processes import Running

if TYPE_CHECKING:
    from starloop.workspace import Workspace

HOST = proxy.HOST
HEALTH = "/pages/healthz"
KEEP_S = 2 * proxy.IDLE_S
"""How long it keeps an idle connection; the proxy gives one up earlier."""


def ensure(place: "Workspace") -> Running:
    """Have the desk of a workspace run, behind the proxy, and give it; it listens some seconds later.

    Nobody waits for it: the endpoint answers without it, and a release does not depend on it.
    """
    now = running(place.home)
    if now is None:
        now = _start(place)
        write_json(now.model_dump(), _record(place.home))
    proxy.point(place.home, now.url, proxy.DESK)
    return now


def running(home: Home) -> Running | None:
    """Give the desk; None when there is none or it has ended."""
    told = _recorded(home)
    return told if told and told.alive else None


def ended(home: Home) -> str | None:
    """Give the log of a desk that should run and has ended; None where all is well, or none was ever started."""
    told = _recorded(home)
    return told.log if told and not told.alive else None


def _start(place: "Workspace") -> Running:
    port = processes.free_port()
    return processes.start(
        "desk",
        [sys.executable, "-m", "starloop.pages", str(port)],
        log=place.home.endpoint / "desk.log",
        url=f"http://{HOST}:{port}",
        environment={
            "STARLOOP_HOME": str(place.home.root.resolve()),
            "STARLOOP_SKY": str(place.sky.folder.resolve()) if place.sky else "live",
        }
        | proxy.mark(place.home),
    )


def _recorded(home: Home) -> Running | None:
    path = _record(home)
    return Running.model_validate_json(path.read_bytes()) if path.is_file() else None


def _record(home: Home) -> Path:
    return home.endpoint / "desk.json"
