"""MAST's filters: a column, and the values or the range it may have."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


class BadFilter(ValueError):
    """A filter names no column of the table, or is malformed; the text says which."""


def passing(table: pa.Table, filters: list[dict[str, Any]]) -> pa.Table:
    """Give the rows that pass every filter.

    Parameters
    ----------
    table : pa.Table
        Of text, integer and real columns.
    filters : list of dict
        Each has ``paramName``, and ``values``: texts of which one must fit, in any case of letters,
        or ``{"min", "max"}``; and perhaps ``freeText``, a pattern with ``%``.

    Raises
    ------
    BadFilter
        When a filter cannot be applied.
    """
    names = {name.lower(): name for name in table.column_names}
    for told in filters:
        name = names.get(str(told.get("paramName")).lower())
        if name is None:
            raise BadFilter(f"there is no column {told.get('paramName')}")
        try:
            table = table.filter(_passes(table[name], name, told))
        except (KeyError, TypeError, ValueError, pa.ArrowException) as wrong:
            raise BadFilter(f"the filter on {name} is malformed: {wrong}") from wrong
    return table


def _passes(column: pa.ChunkedArray, name: str, told: dict[str, Any]) -> pa.ChunkedArray:
    values = told.get("values") or []
    if values and isinstance(values[0], dict):
        least, most = float(values[0]["min"]), float(values[0]["max"])
        return pc.and_(pc.greater_equal(column, least), pc.less_equal(column, most))
    text = pc.utf8_lower(pc.cast(column, pa.string()))
    wanted = [str(value).lower() for value in values]
    if name == "target_name":
        # lightkurve pads the number of a TIC target to nine digits.
        wanted = [value.lstrip("0") for value in wanted]
    passes = pc.is_in(text, value_set=pa.array(wanted, pa.string()))
    if "freeText" in told:
        passes = pc.or_(passes, pc.match_like(text, str(told["freeText"]).lower()))
    return passes
