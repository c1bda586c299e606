"""A night's light curves, a few objects at a time: a night of a survey never sits in memory as a whole."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.features.assembly import curves

KEYS = {"detections": "oid", "non_detections": "oid", "releases": "query", "objects": "oid"}
"""The column of each table that names the object; the tess table, one row a file, is read as a whole."""

_ROWS = 20_000
_NEEDED = {
    "detections": (
        *("oid", "mjd", "fid", "magpsf", "sigmapsf", "magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext"),
        *("isdiffpos", "drb", "distnr", "corrected"),
    ),
    "non_detections": ("oid", "mjd", "fid", "diffmaglim"),
    "releases": ("oid", "mjd", "mag", "magerr", "catflags", "filtercode", "ra", "dec", "query"),
    "objects": ("oid", "ra", "dec", "tic"),
}


def batches(tables: Path, tess_folder: Path) -> Iterator[pa.Table]:
    """Give the light curves of a folder of tables, sorted by oid, some hundred objects at a time.

    A table sorted by object, as `nights.ingest` writes it, is read as it is needed; another is sorted in memory first.

    Parameters
    ----------
    tables : Path
        Folder of the tables of `starloop.features.assembly.TABLES`, as Parquet files.
    tess_folder : Path
        Where the files are that the tess table names.

    Yields
    ------
    pyarrow.Table
        Columns of `starloop.features.curves.SCHEMA`.
    """
    tess = pq.read_table(tables / "tess.parquet")
    rest = [_Rows(tables / f"{name}.parquet", key) for name, key in KEYS.items() if name != "detections"]
    for detections in _whole_objects(_sorted(tables / "detections.parquet", "oid")):
        last = detections["oid"][-1].as_py()
        others = {rows.table: rows.until(last) for rows in rest}
        yield curves({"detections": detections, **others, "tess": tess}, tess_folder)


class _Rows:
    """The rows of a table, sorted by object, given out once and in order."""

    def __init__(self, path: Path, key: str) -> None:
        self.table = path.stem
        self._key, self._coming = key, _sorted(path, key)
        self._held = pq.read_schema(path).empty_table().select(_NEEDED[path.stem])

    def until(self, oid: str) -> pa.Table:
        """Give the rows not yet given, of the objects up to one."""
        parts = [self._held]
        while not len(parts[-1]) or parts[-1][self._key][-1].as_py() <= oid:
            coming = next(self._coming, None)
            if coming is None:
                break
            parts.append(coming)
        rows = pa.concat_tables(parts)
        count = pc.sum(pc.less_equal(rows[self._key], oid)).as_py() or 0
        self._held = rows.slice(count)
        return rows.slice(0, count)


def _whole_objects(coming: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Join and cut batches so that no object is in two of them."""
    held: list[pa.Table] = []
    for rows in coming:
        last = rows["oid"][-1].as_py()
        complete = pc.sum(pc.not_equal(rows["oid"], last)).as_py()
        if complete or (held and held[-1]["oid"][-1].as_py() != last):
            yield pa.concat_tables([*held, rows.slice(0, complete)])
            held = []
        held.append(rows.slice(complete))
    if held:
        yield pa.concat_tables(held)


def _sorted(path: Path, key: str) -> Iterator[pa.Table]:
    columns = list(_NEEDED[path.stem])
    if _is_sorted(path, key):
        batches = pq.ParquetFile(path).iter_batches(_ROWS, columns=columns)
        parts = (pa.Table.from_batches([batch]).select(columns) for batch in batches)
    else:
        rows = pq.read_table(path, columns=columns).sort_by(key)
        parts = (rows.slice(first, _ROWS) for first in range(0, len(rows), _ROWS))
    return (part for part in parts if len(part))


def _is_sorted(path: Path, key: str) -> bool:
    last = pa.array([], pa.string())
    for batch in pq.ParquetFile(path).iter_batches(_ROWS, columns=[key]):
        keys = pa.concat_arrays([last, batch.column(0)])
        if not pc.all(pc.less_equal(keys.slice(0, len(keys) - 1), keys.slice(1)), min_count=0).as_py():
            return False
        last = keys.slice(len(keys) - 1)
    return True
