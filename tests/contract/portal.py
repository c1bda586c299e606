"""MAST's portal as a test dictates it, for answers that the archive server never gives."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

from starloop.archives.config import Archives, ArchiveSettings

COLUMNS = ("target_name", "project", "provenance_name", "dataproduct_type")


@dataclass
class Portal:
    """What was asked.

    Parameters
    ----------
    url : str
        Where it listens.
    asked : list of dict
        The questions put to it, oldest first.
    headers : list of dict
        The headers of every request.
    """

    url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def archives(self) -> Archives:
        """The settings with which it is found."""
        mast = ArchiveSettings(url=self.url, rate_per_s=None, connections=2, deadline_s=1)
        return Archives(mast=mast)


def complete(*rows: Any) -> bytes:
    """Write rows as the portal does."""
    return json.dumps({"status": "COMPLETE", "msg": "", "data": rows, "fields": []}).encode()


@contextmanager
def portal(
    answer: Callable[[str], bytes], moved_to: str | None = None, columns: tuple[str, ...] = COLUMNS
) -> Iterator[Portal]:
    """Run a portal whose answer to a question follows from the name of its service.

    Parameters
    ----------
    moved_to : str, optional
        Send everybody there instead.
    columns : tuple of str
        What it says it can filter by.
    """
    told = Portal()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            if self.path.endswith("/columnsconfig"):
                self._say(json.dumps({name: {"type": "string"} for name in columns}).encode())
                return
            question = json.loads(parse_qs(body)["request"][0])
            told.asked.append(question)
            self._say(answer(question["service"]))

        def do_GET(self) -> None:
            self._say(b'{"anon": true}')

        def _say(self, body: bytes) -> None:
            told.headers.append(dict(self.headers))
            self.send_response(200 if moved_to is None else 308)
            if moved_to is not None:
                self.send_header("location", moved_to + self.path)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield told
        server.shutdown()
