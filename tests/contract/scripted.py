"""A real server on a loopback port that does what its script says, and remembers what it was asked."""

import gzip
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from starloop.archives import http
from starloop.archives.line import Line

RESET = struct.pack("ii", 1, 0)
TRICKLE_S = 0.05
LONG_S = 20.0

Bind = Callable[[Line], requests.Session]


def mounted(line: Line) -> requests.Session:
    """Give a session of requests on a line."""
    session = requests.Session()
    http.mount(line, session)
    return session


BINDINGS: dict[str, Bind] = {"requests": mounted, "httpx": http.client}  # type: ignore[dict-item]
"""What puts a line under a client of each library; what the tests use of both has the same names."""


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    target: str
    body: bytes
    headers: dict[str, str]
    at: float


@dataclass
class Scripted:
    """What the server was asked, and what it does next."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    script: list[str] = field(default_factory=list)
    """Behaviours for the next requests; when it is used up, a request's path names the behaviour."""
    most_at_once: int = 0
    left: threading.Event = field(default_factory=threading.Event)
    """A client went away from a behaviour that would go on."""
    at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def scripted() -> Iterator[Scripted]:
    """Serve for as long as the context lasts."""
    told = Scripted()
    handler = type("Handler", (_Handler,), {"told": told})
    server = _Server(("127.0.0.1", 0), handler)
    told.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet
    told: Scripted

    def log_message(self, *_: object) -> None:
        """Be silent."""

    def _serve(self) -> None:
        told = self.told
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        with told.lock:
            told.asked.append(Asked(self.command, self.path, body, headers, time.monotonic()))
            told.at_once += 1
            told.most_at_once = max(told.most_at_once, told.at_once)
            behaviour = told.script.pop(0) if told.script else self.path.partition("?")[0].lstrip("/")
        kind, _, detail = behaviour.partition("/")
        try:
            getattr(self, f"_{kind.replace('-', '_')}")(detail)
        except (OSError, ValueError):
            told.left.set()
        finally:
            with told.lock:
                told.at_once -= 1

    do_GET = do_POST = do_HEAD = _serve  # noqa: N815 - http.server's names

    def _say(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _ok(self, _: str) -> None:
        self._say(200, b"whole")

    def _after(self, seconds: str) -> None:
        time.sleep(float(seconds))
        self._say(200, b"whole")

    def _status(self, status: str) -> None:
        self._say(int(status), b"<h1>no</h1>")

    def _wait(self, retry_after: str) -> None:
        self._say(429, b"", retry_after=retry_after)

    def _redirect(self, to: str) -> None:
        self._say(308, b"", location=f"/{to}")

    def _lead(self, to: str) -> None:
        self._say(308, b"", location=to)

    def _gzip(self, _: str) -> None:
        self._say(200, gzip.compress(b"whole"), content_encoding="gzip")

    def _bad_gzip(self, _: str) -> None:
        self._say(200, b"not compressed", content_encoding="gzip")

    def _reset(self, _: str) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        os.close(self.connection.detach())
        self.close_connection = True

    def _truncated(self, _: str) -> None:
        self._begin(100)
        self.close_connection = True

    def _begin(self, length: int) -> None:
        self.send_response(200)
        self.send_header("content-length", str(length))
        self.end_headers()
        self.wfile.write(b"part")
        self.wfile.flush()

    def _silent(self, _: str) -> None:
        self._until_left(lambda: None)

    def _stalled_body(self, _: str) -> None:
        self._begin(100)
        self._until_left(lambda: None)

    def _trickling_headers(self, _: str) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
        self._until_left(lambda: self.wfile.write(b"a"))

    def _trickling_body(self, _: str) -> None:
        self._begin(1_000_000)
        self._until_left(lambda: self.wfile.write(b"a"))

    def _until_left(self, act: Callable[[], object]) -> None:
        """Go on until the client is gone."""
        ends = time.monotonic() + LONG_S
        self.connection.settimeout(TRICKLE_S)
        while time.monotonic() < ends:
            act()
            self.wfile.flush()
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    break
        self.told.left.set()
        self.close_connection = True
