"""What was asked and answered, as JSON lines: the drift check's view of the endpoint's own traffic.

`bentoml.monitor` does not serve here: it turns its file once a day whatever its size, keeps every one of them for ever,
takes a value at a time (317 calls for one object's features) and says nothing of what it could not write.
"""

import errno
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from starloop.endpoint.answering import Reals32
from starloop.endpoint.schemas import Answer
from starloop.features import schema

MOST_BYTES = 50 * 2**20
SMOKE = "starloop-smoke-"
"""What the ids of the smoke test's light curves begin with: nobody asks for their answers again."""
_NAMES = list(schema.NAMES)
_LOG = logging.getLogger("starloop")


class PredictionLog:
    """Appends one line an answer, but for the smoke test's: the answer, its features, when, and nothing of who asked.

    At 50 MB the file is put aside as ``.1``, and the one before that is dropped. What is dropped, and what cannot be
    written, is counted in ``starloop_log_lost_total``; an answer does not wait for a disk that is full.

    Parameters
    ----------
    folder : Path
        Where ``predictions-v<version>-<worker>.jsonl`` is kept. Each version has its own files, because during
        a switch two of them answer at the same time, and so has each worker process.
    version : int
        The model version that answers.
    worker : int
        Which of the processes that answer with it this is.
    """

    def __init__(self, folder: Path, version: int, worker: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"predictions-v{version}-{worker}.jsonl"
        self._aside = self._path.with_name(f"{self._path.name}.1")
        self._lines, self._aside_lines = _lines(self._path), _lines(self._aside)
        self._open()
        self._failing = False

    def write(self, answers: Sequence[Answer], values: Reals32) -> None:
        """Append answers with the features they were decided on (same order); a missing feature is null."""
        facts = {"feature_schema": schema.digest(), "answered_at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        lines = [
            orjson.dumps({**vars(answer), **facts, "features": dict(zip(_NAMES, row, strict=True))})
            for answer, row in zip(answers, values.tolist(), strict=True)
            if not answer.id.startswith(SMOKE)
        ]
        if not lines:
            return
        try:
            self._append(b"\n".join(lines) + b"\n")
        except OSError as failure:
            lost("not written", len(lines))
            # Once each time it begins, not for every answer.
            if not self._failing:
                _LOG.error("the prediction log %s cannot be written: %s", self._path, failure)
            self._failing = True
        else:
            self._failing = False

    def _append(self, lines: bytes) -> None:
        if self._size and self._size + len(lines) > MOST_BYTES:
            self._turn()
        written = self._file.write(lines)
        if written != len(lines):
            # Half a line would spoil the next one.
            self._file.truncate(self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written
        self._lines += lines.count(b"\n")

    def _turn(self) -> None:
        self._file.close()
        lost("dropped", self._aside_lines)
        self._path.replace(self._aside)
        self._aside_lines, self._lines = self._lines, 0
        self._open()

    def _open(self) -> None:
        self._file = self._path.open("ab", buffering=0)
        self._size = self._file.tell()


def _lines(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file)


def lost(how: str, lines: int) -> None:
    """Count answers that are no longer in the log, or never were."""
    _counter().labels(how).inc(lines)


@cache
def _counter() -> Any:
    # BentoML says where its workers keep their numbers after this was imported, and this client reads it once.
    from prometheus_client import Counter

    return Counter("starloop_log_lost", "Answers that are no longer, or never were, in the prediction log", ["how"])
