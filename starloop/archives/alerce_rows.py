"""ALeRCE's rows as columns of the sky tables, with its two ways of saying "nothing" undone.

Keys whose value is null are absent. Where a later step of its pipeline filled them in, a null became 0, or the
magnitude 100 where none could be computed: neither value can be measured in these columns.
"""

from typing import Any

import pyarrow as pa

from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

INVALID_MAGNITUDE = 100.0
_NOTHING = {0.0: None}
_NO_MAGNITUDE = {0.0: None, INVALID_MAGNITUDE: None}
_UNDONE: dict[str, dict[Any, Any]] = {
    **dict.fromkeys(("magpsf", "sigmapsf", "magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext"), _NO_MAGNITUDE),
    **dict.fromkeys(("rb", "drb", "distnr", "diffmaglim"), _NOTHING),
    # alert packets say it in letters, and so did ALeRCE
    "isdiffpos": {0.0: None, "t": 1.0, "f": -1.0, "1": 1.0, "-1": -1.0},
}
"""What each column's values stand for, where it is not for themselves."""

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
        Sorted by time, then candid; rows without a time are last.

    Raises
    ------
    AttributeError, TypeError, ValueError, pyarrow.ArrowException
        When they are no such rows.
    """
    kept = _before(rows, end)
    candids = [None if (candid := row.get("candid")) is None else str(candid) for row in kept]
    return _in_order(_table(oid, kept, DETECTIONS, {"candid": candids}), "mjd", "candid")


def limits(oid: str, rows: list[Row], end: float) -> pa.Table:
    """Make rows of the non_detections table, sorted by time, then filter; the rest is as of `detections`."""
    return _in_order(_table(oid, _before(rows, end), NON_DETECTIONS, {}), "mjd", "fid")


def _before(rows: list[Row], end: float) -> list[Row]:
    return [row for row in rows if (mjd := row.get("mjd")) is None or not mjd >= end]


def _table(oid: str, rows: list[Row], schema: pa.Schema, known: dict[str, list[Any]]) -> pa.Table:
    columns = [pa.repeat(oid, len(rows))]
    for field in schema.names[1:]:
        values = known.get(field) or [row.get(field) for row in rows]
        stands_for = _UNDONE.get(field)
        if stands_for:
            values = [stands_for.get(value, value) for value in values]
        # what is not a number becomes a null as well
        columns.append(pa.array(values, schema.field(field).type, from_pandas=True))
    return pa.table(columns, schema=schema)


def _in_order(table: pa.Table, *columns: str) -> pa.Table:
    """Sort a table, unless its first column says that it is sorted already, as it mostly is."""
    first = table[columns[0]].to_numpy()
    return table if (first[1:] > first[:-1]).all() else table.sort_by([(name, "ascending") for name in columns])
