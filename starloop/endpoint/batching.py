"""Requests that wait are answered together: among others a light curve costs a fraction of what it costs alone."""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Batches(Generic[Asked, Told]):
    """One batch at a time: whoever comes while it is worked on is in the next one.

    Nobody waits for a batch to fill, so a request that is alone is answered at once.

    Parameters
    ----------
    work : callable
        Answers a list, one answer each in its order.
    most : int
        Things in a batch; a request of more is a batch of its own.
    """

    def __init__(self, work: Callable[[Sequence[Asked]], list[Told]], most: int) -> None:
        self._work, self._most = work, most
        self._waiting: deque[tuple[Sequence[Asked], Future[list[Told]]]] = deque()
        self._working = Lock()

    def answer(self, asked: Sequence[Asked]) -> list[Told]:
        """Answer a request, in whatever thread it came; raise what the work raised of it."""
        mine: Future[list[Told]] = Future()
        self._waiting.append((asked, mine))
        while not mine.done():
            with self._working:
                if not mine.done():
                    self._answer(self._taken())
        return mine.result()

    def _taken(self) -> list[tuple[Sequence[Asked], "Future[list[Told]]"]]:
        batch = [self._waiting.popleft()]
        number = len(batch[0][0])
        while self._waiting and number + len(self._waiting[0][0]) <= self._most:
            batch.append(self._waiting.popleft())
            number += len(batch[-1][0])
        return batch

    def _answer(self, batch: list[tuple[Sequence[Asked], "Future[list[Told]]"]]) -> None:
        try:
            told = self._work([one for asked, _ in batch for one in asked])
        except Exception as wrong:  # noqa: BLE001 - raised again where it was asked
            if len(batch) == 1:
                batch[0][1].set_exception(wrong)
                return
            # One of them is to blame, and the others must not pay for it.
            for alone in batch:
                self._answer([alone])
            return
        begin = 0
        for asked, future in batch:
            future.set_result(told[begin : begin + len(asked)])
            begin += len(asked)
