"""Where everything a sky's nights produce is kept, and how it is written there.

A file or folder appears under its name whole or not at all: it is written beside, then renamed.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.nights.calendar import Night

ROW_GROUP = 20_000
"""Rows that are written at a time where a table comes in parts."""


@dataclass(frozen=True)
class Home:
    """The folder of one sky: its nights, models and reports.

    Parameters
    ----------
    root : Path
        ``data/<sky name>`` unless the settings say otherwise.
    sample : int, optional
        Raw nights of at most so many objects, which stand beside the whole ones and go no further.
    """

    root: Path
    sample: int | None = None

    def raw(self, night: Night) -> Path:
        """Folder of the tables as they were received."""
        return self.root / "raw" / self._label(night)

    def seal(self, night: Night) -> Path:
        """File with the digest of the tables as they were received."""
        return self.root / "raw" / f"{self._label(night)}.sha256"

    def fetch_cost(self, night: Night) -> Path:
        """File that says what fetching the night has cost, over all runs."""
        return self.root / "raw" / f"{self._label(night)}.fetch.json"

    def fetching(self, night: Night) -> Path:
        """Folder of what has come of a night that is not whole yet."""
        return self.root / "fetching" / self._label(night)

    def _label(self, night: Night) -> str:
        return str(night) if self.sample is None else f"{night}-sample-{self.sample}"

    @property
    def tess_files(self) -> Path:
        """Folder of the TESS files of all nights."""
        return self.root / "cache" / "tess"

    def good(self, night: Night) -> Path:
        """Folder of the rows that passed the checks."""
        return self.root / "good" / str(night)

    def quarantine(self, night: Night) -> Path:
        """Folder of the rows that failed a check, with the rule that rejected them."""
        return self.root / "quarantine" / str(night)

    def ledger(self, night: Night) -> Path:
        """File of the night's balanced counts."""
        return self.root / "ledger" / f"{night}.json"

    def lock(self, night: Night) -> Path:
        """File that restores the night's data: its dvc.lock."""
        return self.root / "ledger" / f"{night}.dvc.lock"

    def checks(self, night: Night) -> Path:
        """File of the check suites' results."""
        return self.root / "checks" / f"{night}.json"

    def predictions(self, night: Night) -> Path:
        """File of the champion's answers for the night's objects."""
        return self.root / "predictions" / f"{night}.parquet"

    def drift(self, night: Night) -> Path:
        """Folder of the drift comparison that ends at the night."""
        return self.root / "drift" / str(night)

    @property
    def drift_page(self) -> Path:
        """File of the page with every night's drift verdict and measures."""
        return self.root / "drift" / "index.html"

    def report(self, night: Night) -> Path:
        """File of the night's HTML page."""
        return self.root / "reports" / f"{night}.html"

    def version(self, number: int) -> Path:
        """Folder of a model version fetched from the registry."""
        return self.root / "versions" / f"v{number}"

    @property
    def features(self) -> Path:
        """Folder of one feature table a night."""
        return self.root / "features"

    @property
    def dataset(self) -> Path:
        """File of the labelled data set."""
        return self.root / "dataset.parquet"

    @property
    def model(self) -> Path:
        """Folder of the challenger: booster.ubj and bundle.json."""
        return self.root / "model"

    @property
    def evaluation(self) -> Path:
        """Folder of the challenger's metrics and test predictions."""
        return self.root / "evaluation"

    @property
    def mlflow_db(self) -> Path:
        """SQLite file of the embedded registry."""
        return self.root / "mlflow.db"

    @property
    def artifacts(self) -> Path:
        """Folder of the registry's artifacts."""
        return self.root / "artifacts"

    @property
    def bentos(self) -> Path:
        """Folder of the built Bentos."""
        return self.root / "bentos"

    @property
    def endpoint(self) -> Path:
        """Folder that says which endpoint serves."""
        return self.root / "endpoint"

    @property
    def answers(self) -> Path:
        """Folder of the endpoint's log of its answers."""
        return self.endpoint / "predictions"

    @property
    def prefect(self) -> Path:
        """Folder of the local Prefect server."""
        return self.root / "prefect"

    @property
    def alerts(self) -> Path:
        """File of the alerts that were sent to nowhere else, one JSON object a line."""
        return self.root / "alerts.jsonl"

    @property
    def data_docs(self) -> Path:
        """Folder of the checks' Data Docs."""
        return self.root / "data_docs"

    @property
    def stack(self) -> Path:
        """File that says which local processes run."""
        return self.root / "stack.json"


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to, renamed over it when nothing went wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_table(table: pa.Table, path: Path) -> None:
    """Write a Parquet file atomically; the same table gives the same bytes."""
    with _replacing(path) as beside:
        pq.write_table(table, beside, version="2.6", compression="zstd", compression_level=3)


def write_batches(parts: Iterable[pa.Table], schema: pa.Schema, path: Path) -> None:
    """Write a Parquet file atomically, a part at a time; the same rows give the same bytes, however they are parted."""
    with (
        _replacing(path) as beside,
        pq.ParquetWriter(beside, schema, version="2.6", compression="zstd", compression_level=3) as file,
    ):
        held = schema.empty_table()
        for part in parts:
            held = pa.concat_tables([held, part.cast(schema)])
            while len(held) > ROW_GROUP:
                file.write_table(held.slice(0, ROW_GROUP).combine_chunks())
                held = held.slice(ROW_GROUP)
        file.write_table(held.combine_chunks())


def write_json(value: Any, path: Path) -> None:
    """Write a JSON file atomically, its keys sorted; NaN is refused with `ValueError`."""
    with _replacing(path) as beside:
        beside.write_text(json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def digest(path: Path) -> str:
    """Give the SHA-256 of a file, or of a folder's sorted names and contents, as hexadecimal."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    whole = hashlib.sha256()
    for member in sorted(inside for inside in path.rglob("*") if inside.is_file()):
        whole.update(f"{member.relative_to(path).as_posix()}\0{digest(member)}\n".encode())
    return whole.hexdigest()
