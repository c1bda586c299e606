"""Writing the prediction log in a thread of its own, so that no answer waits for the disk."""

import atexit
from collections.abc import Sequence
from queue import SimpleQueue
from threading import Lock, Thread

from starloop.endpoint.answering import Reals32
from starloop.endpoint.prediction_log import PredictionLog, lost
from starloop.endpoint.schemas import Answer

MOST_WAITING = 2_000
"""Answers that wait to be written: some seconds of them, in 3 MB. More come only where the disk stands still."""
_LAST_S = 10.0
"""For what still waits when the process ends."""

_Handed = tuple[list[Answer], Reals32]


class Behind:
    """Hands answers to the log; what finds no room is counted as not written.

    Parameters
    ----------
    log : PredictionLog
        Written by this alone.
    """

    def __init__(self, log: PredictionLog) -> None:
        self._log = log
        self._handed: SimpleQueue[_Handed | None] = SimpleQueue()
        self._waiting, self._counting = 0, Lock()
        self._writer = Thread(target=self._write, name="prediction-log", daemon=True)
        self._writer.start()
        atexit.register(self.close)

    def write(self, answers: Sequence[Answer], values: Reals32) -> None:
        """Take answers with the features they were decided on (same order)."""
        with self._counting:
            room = self._waiting + len(answers) <= MOST_WAITING
            self._waiting += len(answers) if room else 0
        if room:
            self._handed.put((list(answers), values))
        else:
            lost("not written", len(answers))

    def close(self) -> None:
        """Write what still waits, and take no more."""
        atexit.unregister(self.close)
        self._handed.put(None)
        self._writer.join(_LAST_S)

    def _write(self) -> None:
        while (handed := self._handed.get()) is not None:
            answers, values = handed
            self._log.write(answers, values)
            with self._counting:
                self._waiting -= len(answers)
