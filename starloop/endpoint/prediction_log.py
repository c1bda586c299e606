"""What was asked and answered, as JSON lines: the drift check's view of the endpoint's own traffic."""

import json
import logging
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pyarrow as pa

from starloop.endpoint.schemas import Answer

MOST_BYTES = 50 * 2**20
SMOKE = "starloop-smoke-"
"""What the ids of the smoke test's light curves begin with: nobody asks for their answers again."""


class PredictionLog:
    """Appends one line an answer, but for the smoke test's.

    At 50 MB the file is put aside as ``.1``, and the one before that is dropped.

    Parameters
    ----------
    folder : Path
        Where ``predictions-v<version>.jsonl`` is kept. Each version has its own file, because during
        a switch two of them answer at the same time.
    version : int
        The model version that answers.
    feature_schema : str
        Hash of the features' schema.
    """

    def __init__(self, folder: Path, version: int, feature_schema: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"predictions-v{version}.jsonl"
        self._feature_schema = feature_schema
        self._handler = RotatingFileHandler(path, maxBytes=MOST_BYTES, backupCount=1, encoding="utf-8", delay=True)

    def write(self, answers: Sequence[Answer], features: pa.Table) -> None:
        """Append answers with the features they were decided on (same order); a missing feature is null."""
        answered_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        columns = {name: features[name].to_pylist() for name in features.column_names if name != "oid"}
        for number, answer in enumerate(answers):
            if answer.id.startswith(SMOKE):
                continue
            values = {name: _finite(column[number]) for name, column in columns.items()}
            facts = {"answered_at": answered_at, "feature_schema": self._feature_schema, "features": values}
            line = json.dumps(answer.model_dump() | facts, allow_nan=False)
            self._handler.handle(logging.makeLogRecord({"msg": line}))


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
