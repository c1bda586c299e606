"""Asking the unmodified clients, in a process that does nothing else: they keep their state for as long as it lives."""

import io
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from starloop.sky.server.host import Served, serving
from starloop.sky.tables import Sky, open_sky
from tests.faults.asked import DETECTED, EPOCHS, Question, questions, targets
from tests.faults.clients import Clients, configure
from tests.faults.plan import CONNECTIONS, WATCH_S, Seeded, struck
from tests.faults.rows import Rows, digests
from tests.faults.watched import Hung, watched

_SIDE_BY_SIDE = {DETECTED.call: CONNECTIONS, EPOCHS.call: CONNECTIONS}
"""The other clients keep their state in themselves: one call after another."""

PATIENCE_S = 60.0
"""In fair weather nothing hangs, but the machine may be busy."""


@dataclass
class Told:
    """What became of a night's questions, beside the answers.

    Parameters
    ----------
    failed : dict of str to str
        By question, the exception or ``hung``.
    struck : dict of str to int
        By fault, how often.
    poisoned : list of str
        Files in lightkurve's cache that are not whole.
    seconds : float
        How long the night took.
    """

    failed: dict[str, str] = field(default_factory=dict)
    struck: dict[str, int] = field(default_factory=dict)
    poisoned: list[str] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Asked:
    """A night that was asked for: what became of the questions, and the file with the digests of the answers."""

    seeded: Seeded
    told: Told
    answers: Path


def work(folder: Path, nights: list[Seeded], out: Path, misbehave: bool) -> list[Asked]:
    """Ask every night's questions once.

    Parameters
    ----------
    folder : Path
        The sky.
    nights : list of Seeded
        In order.
    out : Path
        Folder for the digests of the answers, one file a night, and for what the clients keep.
    misbehave : bool
        Whether the faults strike.
    """
    _stay_on_this_machine()
    sys.stdout = io.StringIO()  # lightkurve and astroquery tell of their downloads
    sky, done = open_sky(folder), []
    with serving(sky, None) as served:
        configure(served.archives, out / "config")
        clients = Clients(served.archives, out / "cache")
        for seeded in nights:
            served.move(seeded.night)
            served.misbehave(seeded.faults if misbehave else [])
            answers, told = _night(sky, seeded, clients, served, WATCH_S if misbehave else PATIENCE_S)
            done.append(Asked(seeded, told, out / f"{seeded.night}.npz"))
            np.savez(done[-1].answers, **answers)
    return done


def _stay_on_this_machine() -> None:
    """Let no name be resolved but this machine's: lightkurve asks a resolver whose address cannot be changed."""
    resolve = socket.getaddrinfo

    def local(host: Any, *rest: Any, **more: Any) -> Any:
        if host not in ("127.0.0.1", "localhost"):
            raise socket.gaierror(socket.EAI_NONAME, f"{host} is not looked up in this test")
        return resolve(host, *rest, **more)

    socket.getaddrinfo = local


def _night(sky: Sky, seeded: Seeded, clients: Clients, served: Served, watch_s: float) -> tuple[dict[str, Rows], Told]:
    began = time.monotonic()
    clients.active = targets(sky, seeded.night)
    answers: dict[str, Rows] = {}
    told = Told()
    groups = list(questions(clients.active, seeded.night))
    with ThreadPoolExecutor(len(groups)) as pool:
        list(pool.map(partial(_group, clients, answers, told, watch_s), groups))
    told.struck = struck(served)
    told.poisoned = _poisoned(sky, clients.cache)
    told.seconds = time.monotonic() - began
    return answers, told


def _group(clients: Clients, answers: dict[str, Rows], told: Told, watch_s: float, group: list[Question]) -> None:
    """Work off questions, those of some archives several at a time."""

    def one(question: Question) -> None:
        kind = question.kind
        try:
            came = watched(partial(getattr(clients, kind.call), *question.about), watch_s)
            answers[question.name] = digests(came, kind.row, kind.values)
        except Hung:
            told.failed[question.name] = "hung"
        except Exception as wrong:  # noqa: BLE001 - whatever a client raises is what is counted
            told.failed[question.name] = _named(type(wrong))

    if group:
        with ThreadPoolExecutor(_SIDE_BY_SIDE.get(group[0].kind.call, 1)) as pool:
            list(pool.map(one, group))


def _named(kind: type) -> str:
    package = kind.__module__.partition(".")[0]
    return kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"


def _poisoned(sky: Sky, cache: Path) -> list[str]:
    """Name the files that differ in size from the sky's: lightkurve will open them, and ask for them no more."""
    return sorted(
        file.name
        for file in cache.rglob("*.fits")
        if file.stat().st_size != (sky.folder / "tess" / file.name).stat().st_size
    )
