"""A release: registry and endpoint move together, or both stay.

The ledger of promotions says which version is to be served. A deployment makes it so; where that cannot be done, the
ledger goes back to what is served. Whoever comes after a deployment that was killed finishes it the same way: the
ledger and the endpoint are all the state there is.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from starloop.errors import BadInput, Busy, NotPromoted
from starloop.model.registry import Registry
from starloop.model.tries import TAKEN_BACK
from starloop.nights.store import Home

Told = TypeVar("Told")
Served = TypeVar("Served", covariant=True)
"""What an endpoint tells of what it serves."""
_PATIENCE_S = 180.0
"""Bringing back a process that had ended takes less."""


class Endpoint(Protocol[Served]):
    """Where versions are served."""

    def serve(self, version: int) -> Served:
        """Serve a version, the one before until it answers rightly; raise `NotPromoted` and leave all as it was."""
        ...

    def served(self) -> int | None:
        """Ask which version answers; None when nothing does."""
        ...


def deploy(
    home: Home, registry: Registry, endpoint: Endpoint[Served], version: int | None = None, who: str | None = None
) -> Served:
    """Serve the champion; where it cannot be served, take its promotion back.

    Parameters
    ----------
    home : Home
        Holds the lock by which releases wait for each other.
    registry : Registry
        Says who the champion is.
    endpoint : Endpoint
        Where it is served.
    version : int, optional
        The champion that is meant, where its promotion asked for this.
    who : str, optional
        Who asks; kept with a promotion taken back.

    Raises
    ------
    BadInput
        When there is no champion, or another one than is meant: that one has its own deployment.
    NotPromoted
        When the champion could not be built, started or tested. The version that is served is then the champion again.
        With none served the champion stays, and the next deployment tries again.
    """
    with _alone(home):
        champion = registry.settle()
        if champion is None:
            raise BadInput("there is no champion to deploy: run `starloop nightly` until a model passes the gate")
        if version is not None and version != champion:
            raise BadInput(
                f"version {version} is not the champion any more, version {champion} is: "
                "nothing was changed, its own deployment puts it behind the endpoint"
            )
        return _serve(registry, endpoint, champion, who)


def rollback(
    home: Home,
    registry: Registry,
    endpoint: Endpoint[Served],
    to: int | None = None,
    why: str = "requested",
    who: str | None = None,
    leaving: int | None = None,
) -> Served:
    """Make an earlier version the champion again, and serve it.

    Parameters
    ----------
    home, registry, endpoint, who
        As for `deploy`.
    to : int, optional
        The version; the champion before this one unless given.
    why : str
        The reason, for the ledger.
    leaving : int, optional
        The champion that is to be left, where the reason is about that one alone.

    Raises
    ------
    BadInput
        When there is no such version; or when the champion is another one than is to be left.
    NotPromoted
        When it cannot be served, as for `deploy`; or when another champion appeared meanwhile.
    """
    with _alone(home):
        champion = registry.settle()
        if leaving is not None and leaving != champion:
            raise BadInput(
                f"version {leaving} is not the champion any more, version {champion} is: nothing was rolled back"
            )
        return _serve(registry, endpoint, registry.rollback(to, f"rollback: {why}", who), who)


def _serve(registry: Registry, endpoint: Endpoint[Served], champion: int, who: str | None) -> Served:
    try:
        served = _patiently(endpoint.serve, champion)
    except Busy:
        raise
    # Only what is the version's own fault: a port in use or a registry that is away says nothing against it.
    except NotPromoted as failed:
        back = _take_back(registry, endpoint, champion, str(failed), who)
        if back is None:
            raise
        raise NotPromoted(f"{failed}; version {back} still serves, and is the champion again") from failed
    answers = endpoint.served()
    if answers != champion:
        raise NotPromoted(
            f"version {champion} was put behind the endpoint, but "
            f"{'nothing answers there' if answers is None else f'version {answers} answers there'}: deploy again"
        )
    return served


@retry(stop=stop_after_delay(_PATIENCE_S), wait=wait_fixed(1), retry=retry_if_exception_type(Busy), reraise=True)
def _patiently(serve: Callable[[int], Told], version: int) -> Told:
    return serve(version)


def _take_back(registry: Registry, endpoint: Endpoint[Served], champion: int, why: str, who: str | None) -> int | None:
    """Make what is served the champion again, and give it; None where nothing was to be taken back."""
    back = endpoint.served()
    # Where the champion itself serves, and only fails now, it was no bad release; with nothing served there is no
    # better place to go back to; and where another champion came, its own deployment comes next.
    if back in (None, champion) or registry.settle() != champion:
        return None
    registry.promote(back, champion, f"{TAKEN_BACK}: {why}", who)
    registry.tag(champion, "verdict", TAKEN_BACK)
    return back


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Let one release after the other work, in whatever process or thread."""
    from filelock import FileLock, Timeout

    home.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home.root / ".release.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logging.getLogger(__name__).warning("another release is under way in %s: waiting until it ends", home.root)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
