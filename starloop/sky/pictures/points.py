"""The points of a few objects' light curves, read from a sky's tables without the rest of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.sky.populations.objects import Flags, Ints, Reals
from starloop.sky.tables import TABLES, Sky

_FILTERS = ("zg", "zr", "zi")
# ALeRCE writes 100 where a magnitude cannot be given.
_NO_MAGNITUDE = 99.0


@dataclass(frozen=True)
class Points:
    """One object's points, sorted by time.

    Parameters
    ----------
    mjd : array of shape (n,)
        Days (MJD, UTC).
    mag, err : array of shape (n,)
        Magnitude or limiting magnitude, and its error (NaN for limits).
    fid : array of shape (n,)
        1 g, 2 r, 3 i.
    faded : array of shape (n,)
        True where only the difference is known, and the object was fainter than its reference.
    """

    mjd: Reals
    mag: Reals
    err: Reals
    fid: Ints
    faded: Flags

    def __len__(self) -> int:
        return len(self.mjd)

    def take(self, rows: Flags | Ints) -> "Points":
        """Keep these rows."""
        return Points(self.mjd[rows], self.mag[rows], self.err[rows], self.fid[rows], self.faded[rows])


def detection_counts(sky: Sky) -> dict[str, int]:
    """Count each object's alert detections."""
    oids = pq.read_table(sky.folder / "detections.parquet", columns=["oid"])["oid"]
    counted = pc.value_counts(oids)
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def alerts(sky: Sky, oids: list[str]) -> dict[str, Points]:
    """Read alert detections: `magpsf_corr` where there is one, else `magpsf`; broken ones are left out."""
    table = _rows(sky, "detections", "oid", oids)
    # A recorded sky may not say whether the magnitude was corrected, and still give the corrected one.
    corrected = pc.and_(pc.fill_null(table["corrected"], True), pc.is_valid(table["magpsf_corr"]))
    return _divided(
        table,
        "oid",
        mag=pc.if_else(corrected, table["magpsf_corr"], table["magpsf"]),
        err=pc.if_else(corrected, table["sigmapsf_corr"], table["sigmapsf"]),
        fid=table["fid"],
        faded=pc.and_(pc.invert(corrected), pc.less(table["isdiffpos"], 0)),
    )


def limits(sky: Sky, oids: list[str]) -> dict[str, Points]:
    """Read non-detections; `mag` is the limiting magnitude."""
    table = _rows(sky, "non_detections", "oid", oids)
    return _divided(table, "oid", mag=table["diffmaglim"], err=None, fid=table["fid"], faded=None)


def releases(sky: Sky, oids: list[str]) -> dict[str, Points]:
    """Read data-release photometry that has no flag of badness (``catflags`` below 32768)."""
    table = _rows(sky, "releases", "query", oids)
    table = table.filter(pc.fill_null(pc.less(table["catflags"], 32768), True))
    fid = pc.add(pc.index_in(table["filtercode"], value_set=pa.array(_FILTERS)), 1)
    return _divided(table, "query", mag=table["mag"], err=table["magerr"], fid=fid, faded=None)


def _rows(sky: Sky, table: str, key: str, oids: list[str]) -> pa.Table:
    schema = TABLES[table]
    read = pq.read_table(sky.folder / f"{table}.parquet", columns=schema.names, filters=[(key, "in", oids)])
    return read.cast(schema).sort_by([(key, "ascending"), ("mjd", "ascending")])


def _divided(
    table: pa.Table,
    key: str,
    *,
    mag: pa.ChunkedArray,
    err: pa.ChunkedArray | None,
    fid: pa.ChunkedArray,
    faded: pa.ChunkedArray | None,
) -> dict[str, Points]:
    """Divide sorted rows by object, leaving out those without a magnitude, an error or a filter."""
    rows = len(table)
    every = Points(
        _reals(table["mjd"]),
        _reals(mag),
        np.full(rows, np.nan) if err is None else _reals(err),
        pc.fill_null(fid, 0).to_numpy().astype(np.int64),
        np.zeros(rows, bool) if faded is None else pc.fill_null(faded, False).to_numpy().astype(bool),
    )
    good = np.isfinite(every.mjd) & (every.mag < _NO_MAGNITUDE) & (every.fid > 0)
    if err is not None:
        good &= (every.err > 0) & (every.err < _NO_MAGNITUDE)
    owner = table[key].to_numpy()[good]
    kept = every.take(good)
    oids, begins = np.unique(owner.astype(str), return_index=True)
    ends = np.append(begins, len(owner))[1:]
    return {str(oid): kept.take(np.arange(begin, end)) for oid, begin, end in zip(oids, begins, ends, strict=True)}


def _reals(column: pa.ChunkedArray) -> Reals:
    return np.asarray(pc.cast(column, pa.float64()).to_numpy(), dtype=np.float64)
