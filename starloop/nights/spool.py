"""The answers of a night that is being fetched, kept as they come in one SQLite file.

A run that is killed loses the requests under way and nothing else: the next one reads what is here and asks for the
rest. The file goes when the night is whole.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pyarrow as pa

_MADE = """
CREATE TABLE IF NOT EXISTS answered (source TEXT, key TEXT, PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tables (source TEXT, key TEXT, name TEXT, rows INTEGER, body BLOB,
    PRIMARY KEY (source, name, key));
"""


class Spool:
    """The answers so far; use it as a context manager.

    Parameters
    ----------
    path : Path
        The file, made where there is none. One process at a time: the home's lock sees to that.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = NORMAL")  # survives a killed process; a power cut loses the newest
        self._file.executescript(_MADE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def known(self, source: str) -> set[str]:
        """Give the keys of a source that have an answer."""
        return {key for (key,) in self._file.execute("SELECT key FROM answered WHERE source = ?", (source,))}

    def put(self, source: str, key: str, answer: Mapping[str, pa.Table]) -> None:
        """Keep an answer, instead of an earlier one to the same question; without rows it is an empty one."""
        filled = {name: table for name, table in answer.items() if table.num_rows}
        with self._file:
            self._file.execute("BEGIN")
            self._file.execute("INSERT OR REPLACE INTO answered VALUES (?, ?)", (source, key))
            self._file.execute("DELETE FROM tables WHERE source = ? AND key = ?", (source, key))
            self._file.executemany(
                "INSERT INTO tables VALUES (?, ?, ?, ?, ?)",
                [(source, key, name, table.num_rows, _bytes(table)) for name, table in filled.items()],
            )

    def forget(self, source: str, key: str) -> None:
        """Take an answer back."""
        with self._file:
            self._file.execute("BEGIN")
            self._file.execute("DELETE FROM answered WHERE source = ? AND key = ?", (source, key))
            self._file.execute("DELETE FROM tables WHERE source = ? AND key = ?", (source, key))

    def filled(self, source: str, name: str) -> set[str]:
        """Give the keys whose table of this name has rows."""
        asked = "SELECT key FROM tables WHERE source = ? AND name = ?"
        return {key for (key,) in self._file.execute(asked, (source, name))}

    def one(self, source: str, name: str, key: str) -> pa.Table | None:
        """Give the table of this name in one answer; None where the answer is empty, or not there."""
        asked = "SELECT body FROM tables WHERE source = ? AND name = ? AND key = ?"
        found = self._file.execute(asked, (source, name, key)).fetchone()
        return None if found is None else pa.ipc.open_stream(found[0]).read_all()

    def read(self, source: str, name: str, schema: pa.Schema) -> pa.Table:
        """Join the tables of one name below one another, in the order of their keys."""
        asked = "SELECT body FROM tables WHERE source = ? AND name = ? ORDER BY key"
        parts = [pa.ipc.open_stream(body).read_all() for (body,) in self._file.execute(asked, (source, name))]
        return pa.concat_tables([schema.empty_table(), *parts]).combine_chunks()


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    whole: bytes = sink.getvalue().to_pybytes()
    return whole
