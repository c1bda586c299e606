"""Skies written by hand, and archives that give one answer to whatever they are asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.sky.tables import TABLES, Sky, open_sky


def handmade(folder: Path, **rows: list[dict[str, Any]]) -> Sky:
    """Write a sky; what a row does not tell is null, and a table that is not told of is empty."""
    folder.mkdir()
    for name, schema in TABLES.items():
        pq.write_table(pa.Table.from_pylist(rows.get(name, []), schema=schema), folder / f"{name}.parquet")
    facts = {"name": folder.name, "origin": "simulated", "first_mjd": 58000.0, "last_mjd": 60000.0}
    (folder / "sky.json").write_text(json.dumps(facts))
    return open_sky(folder)


@dataclass
class Canned:
    """An archive that always answers the same, and what it was asked."""

    url: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Of each request: its path and query, its headers with names in lower case, its body."""


@contextmanager
def canned(body: bytes = b"") -> Iterator[Canned]:
    """Serve one answer on every path; all that it is made of may be changed."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.asked.append((self.path, headers, self.rfile.read(int(headers.get("content-length", 0)))))
            self.send_response(told.status)
            self.send_header("content-length", str(len(told.body)))
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told = Canned(f"http://127.0.0.1:{server.server_port}", body)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield told
        server.shutdown()
        thread.join()
