"""Calls that may never come back."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


class Hung(Exception):
    """A call was still running when it was given up."""


def watched(call: Callable[[], T], seconds: float) -> T:
    """Make a call in a thread of its own; one that takes longer is left running and counts as hung.

    Raises
    ------
    Hung
        When it takes longer; any other exception is the call's own.
    """
    came: Future[T] = Future()

    def work() -> None:
        try:
            came.set_result(call())
        except BaseException as wrong:  # noqa: BLE001 - raised again where the answer is awaited
            came.set_exception(wrong)

    threading.Thread(target=work, daemon=True).start()
    try:
        return came.result(seconds)
    except TimeoutError:
        if came.done():
            raise
        raise Hung from None
