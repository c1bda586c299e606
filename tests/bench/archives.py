"""Fetching light curves: how near to the polite rate, and for how much of the processor."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import uvicorn
from numpy.typing import NDArray
from starlette.types import Receive, Scope, Send

from starloop.archives.alerce import Alerce
from starloop.archives.config import Archives
from starloop.archives.irsa import Irsa
from starloop.archives.line import Line
from starloop.archives.rounds import Answer, each
from starloop.nights.calendar import Night
from starloop.nights.confirm import READ, confirm
from starloop.nights.progress import Watch, silent
from starloop.nights.spool import Spool
from starloop.sky.server.app import create_app
from starloop.sky.server.canaries import archives_at
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import open_sky
from tests.bench.table import Row, show

FIRST, LAST = Night.parse("2018-07-01"), Night.parse("2021-06-30")
OBJECTS, SEED = 1_600, 1
SECONDS = 12
"""How long a rate is held."""
RATES = (("ALeRCE", 20), ("ALeRCE", 100), ("IRSA", 20))
UNUSED = 0.1
CPU_MS = 5
TIMES = 3

Reals = NDArray[np.float64]
Places = dict[str, tuple[float, float]]


def main() -> bool:
    """Fetch from an archive server in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        sky = make_sky(Path(folder, "sky"), objects=OBJECTS, seed=SEED, first=FIRST, last=LAST)
        released = set(sky.read("releases")["query"].unique().to_pylist())
        places = {row["oid"]: (row["ra"], row["dec"]) for row in sky.read("objects").to_pylist()}
        places = {oid: place for oid, place in places.items() if oid in released}
        with _serving(sky.folder) as (archives, arrivals):
            rates = [row for name, rate in RATES for row in _paced(name, rate, archives, places, arrivals)]
            costs = [_cost(name, archives, places) for name in FETCH]
    rated = show(f"Light curves at a polite rate for {SECONDS} s, as the requests arrive at the archive", rates)
    return show(f"Processor time of the client for one of {len(places):,} light curves", costs) and rated


def _paced(name: str, rate: int, archives: Archives, places: Places, arrivals: Callable[[], Reals]) -> Iterator[Row]:
    """Ask at a rate for a while. The first second does not count: a limiter may let its whole rate through at once."""
    settings = getattr(archives, name.lower()).model_copy(update={"rate_per_s": rate})
    arrivals()
    _fetch(name, archives.model_copy(update={name.lower(): settings}), dict(islice(places.items(), rate * SECONDS)))
    came = arrivals()
    came -= came[0]
    achieved = np.count_nonzero(came > 1) / (came[-1] - 1)
    in_a_second = np.searchsorted(came, came + 1) - np.arange(len(came))
    yield Row(f"{name} at {rate}/s: share of the rate that is not used", 1 - achieved / rate, UNUSED)
    yield Row(f"{name} at {rate}/s: most requests in any second", in_a_second.max(), rate + 1)


def _cost(name: str, archives: Archives, places: Places) -> Row:
    """Fetch all light curves as fast as it goes; the least of several times, for other work on the machine adds."""
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        _fetch(name, archives, places)
        spent.append(time.process_time() - began)
    return Row(name, 1000 * min(spent) / len(places), CPU_MS, "ms")


def _fetch(name: str, archives: Archives, places: Places) -> None:
    """Fetch light curves as a night does, into a spool."""
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder, "spool")) as spool:
        FETCH[name](archives, places, spool)


def _alerts(archives: Archives, places: Places, spool: Spool) -> None:
    alerce = Alerce(archives)

    def ask(oid: str) -> Answer:
        curve = alerce.light_curve(oid, LAST)
        return {"detections": curve.detections, "non_detections": curve.non_detections}

    _each("alerts", alerce.line, places, ask, spool, alerce.canary)


def _epochs(archives: Archives, places: Places, spool: Spool) -> None:
    with Irsa(archives) as irsa:
        _each(
            READ, irsa.line, places, lambda oid: {"releases": irsa.epochs(oid, *places[oid], LAST)}, spool, irsa.canary
        )
        _whole(confirm(irsa, spool, LAST, Watch("recount", irsa.line, silent)))


FETCH = {"ALeRCE": _alerts, "IRSA": _epochs}


def _each(
    source: str, line: Line, places: Places, ask: Callable[[str], Answer], spool: Spool, canary: Callable[[], object]
) -> None:
    _whole(each(line, source, places, ask, spool, Watch(source, line, silent), canary))


def _whole(failures: dict[str, str]) -> None:
    if failures:
        raise SystemExit(f"{len(failures)} light curves failed: {failures}")


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[Archives, Callable[[], Reals]]]:
    """Serve a sky; give the settings of its archives, and what tells and forgets when requests arrived."""
    alone = get_context("spawn")
    here, there = alone.Pipe()
    server = alone.Process(target=_serve, args=(folder, there), daemon=True)
    server.start()

    def arrivals() -> Reals:
        here.send(None)
        return np.array(here.recv())

    yield here.recv(), arrivals
    server.terminate()
    server.join()


def _serve(folder: Path, parent: Connection) -> None:
    """Serve until terminated, noting when each request arrives."""
    app = create_app(open_sky(folder), None)
    times: list[float] = []

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        times.append(time.monotonic())
        await app(scope, receive, send)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(noting, lifespan="off", log_level="warning"))
        threading.Thread(target=server.run, args=([listening],), daemon=True).start()
        parent.send(archives_at(f"http://127.0.0.1:{listening.getsockname()[1]}", app.state.clock.view))
        while True:
            parent.recv()
            parent.send(times.copy())
            times.clear()
