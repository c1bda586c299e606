"""One table of a raw night: read, relieved of duplicates, and parted into good and rejected rows."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.archives.packet_rows import FORCED
from starloop.checks.rules import filled_columns
from starloop.checks.suites import Outcome, suite, validate
from starloop.errors import CheckFailed
from starloop.nights.calendar import Night
from starloop.sky.tables import TABLES

_SCHEMAS = TABLES | {"forced": FORCED}
_KEYS = {
    "objects": ["oid"],
    "detections": ["oid", "candid"],
    "non_detections": ["oid", "mjd", "fid"],
    "releases": ["oid", "mjd", "filtercode", "query"],
    "catalogues": ["catalogue", "oid", "name", "type"],
    "forced": ["oid", "mjd", "fid", "field", "rcid"],
}


@dataclass(frozen=True)
class Parted:
    """A table after its checks.

    Parameters
    ----------
    good : pyarrow.Table
        The rows that meet every rule, in the order they were received.
    rejected : pyarrow.Table
        The others, whole, with the names of the rules they break, comma-joined, in the column `rule`.
    duplicates : int
        How many rows said again what an earlier one had said.
    outcomes : tuple of Outcome
        Of the rows' rules over the rows received, and of the whole table's over the good ones.
    """

    good: pa.Table
    rejected: pa.Table
    duplicates: int
    outcomes: tuple[Outcome, ...]


def read(folder: Path, table: str) -> pa.Table:
    """Read a table of a raw night.

    Raises
    ------
    CheckFailed
        When the file cannot be read, or a column is missing or of another type than it must be.
    """
    path, schema = folder / f"{table}.parquet", _SCHEMAS[table]
    try:
        rows = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as wrong:
        raise CheckFailed(f"{path} cannot be read ({wrong}): ingest the night again") from None
    for field in schema:
        if field.name not in rows.column_names:
            raise CheckFailed(f"{path} lacks the column {field.name}: the archive changed, or ingest must run again")
        if rows.schema.field(field.name).type != field.type:
            found = rows.schema.field(field.name).type
            raise CheckFailed(f"{path} has {found} in the column {field.name}, not {field.type}: ingest must run again")
    return rows.select(schema.names).cast(schema)


def part(rows: pa.Table, table: str, night: Night, clouded: bool) -> Parted:
    """Drop the duplicates of a table and part the rest by its suite; on a clouded night it may be empty."""
    again = _repeated(rows, table)
    rows = rows.filter(pa.array(~again))
    expected = suite(table, night, clouded)
    outcomes = validate(rows, expected)
    broken: dict[int, list[str]] = defaultdict(list)
    for outcome in outcomes:
        for row in outcome.rows:
            broken[row].append(outcome.rule)
    bad = sorted(broken)
    fine = np.ones(len(rows), dtype=bool)
    fine[bad] = False
    good = rows.filter(pa.array(fine))
    names = pa.array([",".join(broken[row]) for row in bad], pa.string())
    rejected = rows.take(pa.array(bad, pa.int64())).append_column("rule", names)
    of_rows = [outcome for outcome in outcomes if not outcome.whole]
    of_whole = [outcome for outcome in validate(good, expected) if outcome.whole]
    return Parted(good, rejected, int(again.sum()), (*of_rows, *of_whole))


def _repeated(rows: pa.Table, table: str) -> npt.NDArray[np.bool_]:
    """Tell which rows repeat an earlier row's key; a key that lacks a part it must have repeats nothing."""
    keys = rows.select(_KEYS[table]).to_pandas()
    must = [column for column in _KEYS[table] if column in filled_columns(table)]
    return np.asarray(keys.duplicated() & keys[must].notna().all(axis=1), dtype=bool)
