"""The answers of a night that is being fetched, kept as they come in one SQLite file.

A run that is killed loses the requests under way and nothing else: the next one reads what is here and asks for the
rest. The file goes when the night is whole.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import pyarrow as pa

from starloop.errors import BadInput

_MADE = """
CREATE TABLE IF NOT EXISTS answered (source TEXT, key TEXT, PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bodies (id INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS tables (source TEXT, key TEXT, name TEXT, body INTEGER REFERENCES bodies (id),
    PRIMARY KEY (source, key, name)) WITHOUT ROWID;
"""
# bodies are apart, so that an answer can change its source without being written again
_NO_BODIES = "DELETE FROM bodies WHERE id IN (SELECT body FROM tables WHERE source = ? AND key = ?)"
_NO_TABLES = "DELETE FROM tables WHERE source = ? AND key = ?"


class Spool:
    """The answers so far; use it as a context manager.

    Parameters
    ----------
    path : Path
        The file, made where there is none. One process at a time: the home's lock sees to that.

    Raises
    ------
    BadInput
        When the file is broken, or cannot be written; also at the end of the context.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file = sqlite3.connect(path, isolation_level=None)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")  # survives a killed process; a power cut loses the newest
            self._file.executescript(_MADE)
        except sqlite3.DatabaseError as wrong:
            raise self._unusable(wrong) from wrong

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._file.close()
        if isinstance(error, sqlite3.DatabaseError):
            raise self._unusable(error) from error

    def _unusable(self, wrong: sqlite3.DatabaseError) -> BadInput:
        if isinstance(wrong, sqlite3.OperationalError):
            return BadInput(f"{self._path} cannot be used ({wrong}): check the disk and the folder's permissions")
        return BadInput(f"{self._path} is broken ({wrong}): delete it, and what it held is fetched again")

    def known(self, source: str) -> set[str]:
        """Give the keys of a source that have an answer."""
        return {key for (key,) in self._file.execute("SELECT key FROM answered WHERE source = ?", (source,))}

    def put(self, source: str, key: str, answer: Mapping[str, pa.Table]) -> None:
        """Keep an answer, instead of an earlier one to the same question; without rows it is an empty one."""
        filled = {name: table for name, table in answer.items() if table.num_rows}
        with self._file:
            self._file.execute("BEGIN")
            self._file.execute("INSERT OR REPLACE INTO answered VALUES (?, ?)", (source, key))
            self._clear(source, key)
            for name, table in filled.items():
                body = self._file.execute("INSERT INTO bodies (body) VALUES (?)", (_bytes(table),)).lastrowid
                self._file.execute("INSERT INTO tables VALUES (?, ?, ?, ?)", (source, key, name, body))

    def move(self, source: str, key: str, into: str) -> None:
        """Give an answer's tables to another source; that the first one answered is still known."""
        with self._file:
            self._file.execute("BEGIN")
            self._file.execute("INSERT OR REPLACE INTO answered VALUES (?, ?)", (into, key))
            self._clear(into, key)
            self._file.execute("UPDATE tables SET source = ? WHERE source = ? AND key = ?", (into, source, key))

    def forget(self, source: str, key: str) -> None:
        """Take an answer back."""
        with self._file:
            self._file.execute("BEGIN")
            self._file.execute("DELETE FROM answered WHERE source = ? AND key = ?", (source, key))
            self._clear(source, key)

    def _clear(self, source: str, key: str) -> None:
        for what in (_NO_BODIES, _NO_TABLES):
            self._file.execute(what, (source, key))

    def filled(self, source: str, name: str) -> set[str]:
        """Give the keys whose table of this name has rows."""
        asked = "SELECT key FROM tables WHERE source = ? AND name = ?"
        return {key for (key,) in self._file.execute(asked, (source, name))}

    def one(self, source: str, name: str, key: str) -> pa.Table | None:
        """Give the table of this name in one answer; None where the answer is empty, or not there."""
        asked = (
            "SELECT bodies.body FROM tables JOIN bodies ON bodies.id = tables.body "
            "WHERE source = ? AND name = ? AND key = ?"
        )
        found = self._file.execute(asked, (source, name, key)).fetchone()
        return None if found is None else pa.ipc.open_stream(found[0]).read_all()

    def read(self, source: str, name: str, schema: pa.Schema) -> pa.Table:
        """Join the tables of one name below one another, in the order of their keys."""
        asked = (
            "SELECT bodies.body FROM tables JOIN bodies ON bodies.id = tables.body "
            "WHERE source = ? AND name = ? ORDER BY key"
        )
        parts = [pa.ipc.open_stream(body).read_all() for (body,) in self._file.execute(asked, (source, name))]
        return pa.concat_tables([schema.empty_table(), *parts]).combine_chunks()


def _bytes(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    whole: bytes = sink.getvalue().to_pybytes()
    return whole
