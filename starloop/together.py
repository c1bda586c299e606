"""Making several calls at once, for a limited time."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def together(calls: Mapping[str, Callable[[], T]], within_s: float) -> dict[str, Future[T]]:
    """Make all calls at once and wait so long (seconds); one that takes longer is left to itself, its future undone.

    The threads are daemons: unlike those of a pool, they do not keep the command from ending.
    """
    futures: dict[str, Future[T]] = {name: Future() for name in calls}

    def work(call: Callable[[], T], future: Future[T]) -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again where the result is asked for
            future.set_exception(error)

    for name, call in calls.items():
        Thread(target=work, args=(call, futures[name]), name=name, daemon=True).start()
    wait(futures.values(), within_s)
    return futures
