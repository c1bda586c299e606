"""ALeRCE's rows as columns of the sky tables, with its two ways of saying "nothing" undone.

Keys whose value is null are absent. Where a later step of its pipeline filled them in, a null became 0, or the
magnitude 100 where none could be computed: neither value can be measured in these columns.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

INVALID_MAGNITUDE = 100.0
_MAGNITUDES = ("magpsf", "sigmapsf", "magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext")
_NEVER_ZERO = (*_MAGNITUDES, "isdiffpos", "rb", "drb", "distnr", "diffmaglim")

Row = dict[str, Any]


def detections(oid: str, rows: list[Row], end: float) -> pa.Table:
    """Make rows of the detections table.

    Parameters
    ----------
    rows : list of dict
        As ALeRCE gave them; `candid` may be a number.
    end : float
        Later rows are left out (MJD); a row without a time is left to the checks.

    Returns
    -------
    pyarrow.Table
        Sorted by time, then candid.
    """
    table = _table(oid, rows, DETECTIONS, end, {"candid": str, "isdiffpos": _sign})
    for name in _NEVER_ZERO:
        values = table[name]
        nothing = pc.equal(values, 0.0)
        if name in _MAGNITUDES:
            nothing = pc.or_(nothing, pc.equal(values, INVALID_MAGNITUDE))
        if pc.any(nothing).as_py():
            place = table.schema.get_field_index(name)
            table = table.set_column(place, name, pc.if_else(nothing, pa.scalar(None, values.type), values))
    return table.sort_by([("mjd", "ascending"), ("candid", "ascending")])


def limits(oid: str, rows: list[Row], end: float) -> pa.Table:
    """Make rows of the non_detections table, sorted by time, then filter; parameters as of `detections`."""
    return _table(oid, rows, NON_DETECTIONS, end, {}).sort_by([("mjd", "ascending"), ("fid", "ascending")])


def _table(oid: str, rows: list[Row], schema: pa.Schema, end: float, read: dict[str, Callable[[Any], Any]]) -> pa.Table:
    kept = [row for row in rows if (mjd := row.get("mjd")) is None or mjd < end]
    columns = [pa.array([oid] * len(kept), pa.string())]
    for field in schema.names[1:]:
        values = [row.get(field) for row in kept]
        if field in read:
            values = [None if value is None else read[field](value) for value in values]
        columns.append(pa.array(values, schema.field(field).type))
    return pa.table(columns, schema=schema)


def _sign(value: Any) -> float:
    """Read isdiffpos: 1, -1, or the letters of the alert packets."""
    if value in ("t", "f"):
        return 1.0 if value == "t" else -1.0
    return float(value)
