"""Asking MAST in every weather that the archive server knows."""

import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.archives import line
from starloop.archives.config import Archives
from starloop.errors import ArchiveDown
from starloop.sky.server import routes
from starloop.sky.server.host import Served
from starloop.sky.server.spoil import KINDS
from starloop.sky.tables import TABLES, Sky

HARMLESS = {"clock-skew", "expired-token", "missing-keys", "row-limit"}
"""Asked without a token for what has no null and fewer than 50,000 rows, they change nothing."""
PASSING = {
    "error-status", "executing", "http-502", "http-503", "http-504", "redirect", "reset", "stalled",
    "too-many-requests", "trickle", "truncated",
}  # fmt: skip
"""Gone when asked again."""
REFUSING = {"ban"}
SILENT = {"empty"}
FAULTS = {name for name, kind in KINDS.items() if routes.overlap(routes.ARCHIVES["mast"], kind.where)}


def impatient(served: Served) -> Archives:
    """Give the settings for a served sky, with a deadline of one second."""
    archives = served.archives
    return archives.model_copy(update={"mast": archives.mast.model_copy(update={"deadline_s": 1.0})})


def with_table(sky: Sky, folder: Path, name: str, rows: list[dict[str, Any]]) -> Sky:
    """Copy a sky, with other rows in one of its tables."""
    shutil.copytree(sky.folder, folder)
    pq.write_table(pa.Table.from_pylist(rows, schema=TABLES[name]), folder / f"{name}.parquet")
    return replace(sky, folder=folder)


def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once."""
    monkeypatch.setattr(line, "_wait", lambda state: 0.0)


def without_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once, and only once."""
    without_waiting(monkeypatch)
    monkeypatch.setattr(line, "TRIES", 2)


def stay_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let no name but this machine's be resolved; the others are noted."""
    elsewhere: list[str] = []
    resolve = socket.getaddrinfo

    def local(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in ("127.0.0.1", "localhost"):
            elsewhere.append(str(host))
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is asked by mistake")
        return resolve(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", local)
    return elsewhere


def raises_clearly(question: Callable[[], object], seconds: float) -> str:
    """Ask what cannot be answered: it must be said in time, in one of starloop's errors; give its text."""
    began = time.monotonic()
    with pytest.raises((line.Unavailable, line.Refused, ArchiveDown)) as raised:
        question()
    assert time.monotonic() - began < seconds
    assert str(raised.value)
    return str(raised.value)
