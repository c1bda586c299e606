"""Asking archives that misbehave without waiting for them, and archives that always say the same."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.archives.config import Archives
from starloop.sky.server.host import Served
from starloop.sky.tables import CATALOGUES, Sky, open_sky

EVERYWHERE = (
    "http-502", "http-503", "http-504", "too-many-requests", "redirect", "truncated", "stalled", "trickle", "reset",
)  # fmt: skip
"""Faults of single requests, after each of which the same request can be answered well."""


def within(archives: Archives, deadline_s: float) -> Archives:
    """Give every archive so many seconds for a request."""
    told = archives.model_dump()
    for archive in ("alerce", "irsa", "mast", "xmatch", "tap", "bts"):
        told[archive]["deadline_s"] = deadline_s
    return Archives.model_validate(told)


def moved(archives: Archives, name: str, url: str) -> Archives:
    """Put one archive elsewhere."""
    return archives.model_copy(update={name: getattr(archives, name).model_copy(update={"url": url})})


def in_order(rows: pa.Table) -> list[dict[str, object]]:
    """Sort rows by everything they hold."""
    return sorted(rows.to_pylist(), key=repr)


def struck(served: Served) -> int:
    """Count the answers that the faults set now have spoilt."""
    told = httpx.get(f"{served.url}/faults").json()
    return sum(fault["struck"] for fault in told)


def crowded(sky: Sky, folder: Path, number: int) -> Sky:
    """Copy a sky with other catalogues: so many entries of VSX at one place, after one elsewhere."""
    shutil.copytree(sky.folder, folder)
    rows = [
        {"catalogue": "B/vsx/vsx", "name": f"V{n}", "ra": 10.0 if n else 200.0, "dec": 5.0, "type": "RRAB"}
        for n in range(number + 1)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=CATALOGUES), folder / "catalogues.parquet")
    return open_sky(folder)


@contextmanager
def saying(body: bytes) -> Iterator[str]:
    """Serve one answer to whatever is asked, with status 200, and give the address."""

    class Same(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.do_GET()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Same) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
