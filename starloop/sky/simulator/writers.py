"""Writing a sky's tables piece by piece, and what happens when the disk is full."""

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import StarloopError
from starloop.sky.tables import TABLES

# Rows are gathered into row groups of at least so many, so that a file's footer stays small.
_ROWS_TOGETHER = 131_072
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Writers:
    """One Parquet file a table; use it in a ``with`` statement.

    Parameters
    ----------
    folder : Path
        Where the files are made.
    """

    def __init__(self, folder: Path) -> None:
        self._files = ExitStack()
        self._writers = {
            name: self._files.enter_context(
                pq.ParquetWriter(
                    folder / f"{name}.parquet",
                    schema,
                    compression="zstd",
                    compression_level=1,
                    use_dictionary=[of.name for of in schema if of.type != pa.float64()],
                )
            )
            for name, schema in TABLES.items()
        }
        self._waiting: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
        self.first_mjd, self.last_mjd = float("inf"), float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        try:
            if failure[0] is None:
                for name in TABLES:
                    self._flush(name)
        finally:
            self._files.close()

    def add(self, tables: dict[str, pa.Table]) -> None:
        """Add rows to the tables."""
        for name, rows in tables.items():
            self._waiting[name].append(rows)
            if sum(map(len, self._waiting[name])) >= _ROWS_TOGETHER:
                self._flush(name)
            if "mjd" in rows.column_names and len(rows):
                mjd = rows["mjd"].to_numpy()
                self.first_mjd, self.last_mjd = min(self.first_mjd, mjd.min()), max(self.last_mjd, mjd.max())

    def _flush(self, name: str) -> None:
        rows = pa.concat_tables([TABLES[name].empty_table(), *self._waiting[name]])
        self._waiting[name] = []
        self._writers[name].write_table(rows, row_group_size=max(len(rows), 1))


@contextmanager
def room_for(out: Path) -> Iterator[None]:
    """Turn a full disk into `StarloopError`, one sentence."""
    try:
        yield
    except OSError as wrong:
        # astropy looks at the free space itself and raises an error without a number.
        if wrong.errno not in _FULL and "space" not in str(wrong):
            raise
        raise StarloopError(
            f"the disk that holds {out.parent} is full: {out.name} was not made and nothing is left of it; "
            "free some space, or ask for fewer objects or nights"
        ) from None
