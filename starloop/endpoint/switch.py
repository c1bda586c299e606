"""Moving the endpoint to another version while the old one keeps answering.

``endpoint/current.json`` says which process serves and which one is kept warm; the proxy follows it. A process of this
endpoint that it does not name is a stray, of a version that was refused or of a run that was killed, and is stopped.
"""

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from starloop import processes
from starloop.endpoint import canary, process, proxy, smoke
from starloop.endpoint.build import content_of, model_of
from starloop.endpoint.config import Canary
from starloop.endpoint.process import Served
from starloop.errors import BadInput, Busy, NotPromoted
from starloop.nights.store import Home, write_json
from starloop.pages import process as desk

__all__ = ["Served", "current", "deploy", "recorded", "restart", "stop", "under_way"]

PATIENCE_S = 1.0
"""A look at the endpoint holds its lock for a moment, a switch for seconds."""


def deploy(
    home: Home,
    tag: str,
    version: int,
    port: int = 0,
    *,
    answer_within_s: float = math.inf,
    trial: Canary | None = None,
) -> Served:
    """Start a Bento beside the serving one, test it, and only then send the requests to it.

    The process that served before is kept warm, and taken again at once when its Bento is deployed next (a rollback);
    the one before it is stopped once it has answered. A Bento that serves already and is well is only tested.

    Parameters
    ----------
    home : Home
        Its ``endpoint/current.json`` says which process serves; it is replaced atomically.
    tag : str
        Of a Bento in the home's store.
    version : int
        Of its model.
    port : int
        The endpoint's stable one on 127.0.0.1; 0 for the one it has or had, or for a free one.
    answer_within_s : float
        The longest one light curve may take in the smoke test, seconds.
    trial : Canary, optional
        A share of the requests to a newer version, and what it must keep to, before the switch.

    Raises
    ------
    BadInput
        When the port is taken, or Caddy is not installed.
    NotPromoted
        When the new process does not start, fails its smoke test or its trial, or another run is switching. The old
        one serves on.
    """
    with _alone(home):
        return _deployed(home, tag, version, port, answer_within_s, trial)


def restart(home: Home) -> Served:
    """Bring back what `current.json` says: its process and the proxy, each only where it is not well.

    Raises
    ------
    BadInput
        When nothing was deployed.
    NotPromoted
        As `deploy`.
    """
    with _alone(home):
        told = recorded(home)
        if told is None:
            raise BadInput(f"no endpoint was deployed in {home.root}: run `starloop deploy`")
        return _deployed(home, told.tag, told.version, proxy.port_of(told.url), math.inf, None)


def recorded(home: Home) -> Served | None:
    """Give the process that shall serve, whether or not it still runs; None when nothing is deployed."""
    told = _pointer(home)
    return Served.model_validate_json(told.read_bytes()) if told.is_file() else None


def current(home: Home) -> Served | None:
    """Give the process that serves; None when there is none or it has ended.

    Where a run was killed between writing down a switch and making it, it is made now.
    """
    told = recorded(home)
    if told and proxy.pointed(home) != told.own_url:
        with suppress(NotPromoted), _alone(home):  # whoever switches just now makes them agree
            told = recorded(home)
            if told:
                proxy.point(home, told.own_url)
    return told if told and told.alive else None


def under_way(home: Home) -> bool:
    """Tell whether a run is switching just now."""
    try:
        with _alone(home, patience_s=0.0):
            return False
    except NotPromoted:
        return True


def stop(home: Home) -> None:
    """Stop the proxy, the serving process and the warm one before it, and no other endpoint's."""
    with _alone(home):
        proxy.stop(home)
        processes.sweep(proxy.mark(home), [])
        _pointer(home).unlink(missing_ok=True)


def _deployed(home: Home, tag: str, version: int, port: int, answer_within_s: float, trial: Canary | None) -> Served:
    told = recorded(home)
    if told:
        proxy.point(home, told.own_url)
    if proxy.running(home) is None:
        _sweep(home)
    proxy.check(home, port)
    alive = [one for one in (told, told and told.previous) if one and one.alive]
    try:
        chosen = _tested(home, alive, tag, version, answer_within_s)
        front = proxy.ensure(home, port)
        # A rollback is in haste, and goes to a version that has been tried.
        if trial and trial.share and told and told.alive and version > told.version:
            canary.watch(home, told, chosen, trial)
        others = [one for one in alive if one.pid != chosen.pid and _bento(one) != _bento(chosen)]
        previous = others[0].model_copy(update={"url": front.url, "previous": None}) if others else None
        now = chosen.model_copy(update={"url": front.url, "previous": previous})
        write_json(now.model_dump(mode="json"), _pointer(home))
        proxy.point(home, now.own_url)
    finally:
        _sweep(home)
    return now


def _tested(home: Home, alive: list[Served], tag: str, version: int, answer_within_s: float) -> Served:
    content = content_of(home, tag)
    for warm in alive:
        if _bento(warm) == (tag, content):
            try:
                smoke.check(warm.own_url, version, model_of(home, tag), answer_within_s=answer_within_s)
            except NotPromoted as failure:
                logging.getLogger(__name__).warning("the running process is not well, it is started again: %s", failure)
            else:
                return warm
    chosen = process.start(home, tag, version)
    process.wait_ready(chosen)
    smoke.check(chosen.own_url, version, model_of(home, tag), answer_within_s=answer_within_s)
    return chosen


def _bento(served: Served) -> tuple[str, str]:
    return served.tag, served.content


def _sweep(home: Home) -> None:
    told, front = recorded(home), proxy.running(home)
    keep = [one for one in (told, told and told.previous, front, desk.running(home)) if one]
    processes.sweep(proxy.mark(home), keep, proxy.DRAIN_S)


def _pointer(home: Home) -> Path:
    return home.endpoint / "current.json"


@contextmanager
def _alone(home: Home, patience_s: float = PATIENCE_S) -> Iterator[None]:
    home.endpoint.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(home.endpoint / ".lock", timeout=patience_s):
            yield
    except Timeout:
        raise Busy("the endpoint is being switched by another run; repeat this one afterwards") from None
