"""Moving the endpoint to another version while the old one keeps answering."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from starloop.endpoint import process, smoke
from starloop.endpoint.build import content_of, path_of
from starloop.endpoint.process import Served
from starloop.errors import NotPromoted
from starloop.model.bundle import FACTS, Bundle
from starloop.nights.store import Home, write_json

__all__ = ["Served", "current", "deploy", "stop"]


def deploy(home: Home, tag: str, version: int, port: int = 0) -> Served:
    """Start a Bento beside the serving one, test it, and only then make it the one that serves.

    The process that served before is kept warm, and taken again at once when its Bento is deployed next (a rollback);
    the one before it is stopped. A Bento that serves already is only tested.

    Parameters
    ----------
    home : Home
        Its ``endpoint/current.json`` says which process serves; it is replaced atomically.
    tag : str
        Of a Bento in the home's store.
    version : int
        Of its model.
    port : int
        On 127.0.0.1; 0 for a free one.

    Raises
    ------
    NotPromoted
        When the new process does not start or fails its smoke test. It is then stopped, and the old one untouched.
    """
    with _alone(home):
        serving = current(home)
        warm = _warm(home, serving, tag)
        chosen = warm or process.start(home, tag, version, port)
        try:
            process.wait_ready(chosen)
            smoke.check(chosen.url, version, _packed(home, tag))
        except BaseException:
            if warm is None:
                chosen.stop()
            raise
        return _switched(home, serving, chosen)


def current(home: Home) -> Served | None:
    """Give the process that serves; None when there is none or it has ended."""
    told = home.endpoint / "current.json"
    if not told.is_file():
        return None
    served = Served.model_validate_json(told.read_bytes())
    return served if served.alive else None


def stop(home: Home) -> None:
    """Stop the serving process and the warm one before it, and no other."""
    with _alone(home):
        told = home.endpoint / "current.json"
        if not told.is_file():
            return
        served = Served.model_validate_json(told.read_bytes())
        for one in (served, served.previous):
            if one is not None:
                one.stop()
        told.unlink()


def _warm(home: Home, serving: Served | None, tag: str) -> Served | None:
    if serving is None:
        return None
    same = (tag, content_of(home, tag))
    for one in (serving, serving.previous):
        if one is not None and (one.tag, one.content) == same and one.alive:
            return one
    return None


def _packed(home: Home, tag: str) -> Bundle:
    return Bundle.model_validate_json((path_of(home, tag) / "src" / "model" / FACTS).read_bytes())


def _switched(home: Home, serving: Served | None, chosen: Served) -> Served:
    if serving is not None and chosen.pid == serving.pid:
        return serving
    older = serving.previous if serving else None
    before = serving.model_copy(update={"previous": None}) if serving else None
    now = chosen.model_copy(update={"previous": before})
    write_json(now.model_dump(mode="json"), home.endpoint / "current.json")
    if older is not None and older.pid != chosen.pid:
        older.stop()
    return now


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    home.endpoint.mkdir(parents=True, exist_ok=True)
    with (home.endpoint / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotPromoted("the endpoint is being switched by another run; repeat this one afterwards") from None
        yield
