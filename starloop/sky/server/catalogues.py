"""Catalogues under the names and columns their real services use: BTS as CSV, the others as VizieR tables."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Response

from starloop.sky.server.answers import csv_answer
from starloop.sky.server.clock import Clock, View
from starloop.sky.server.sphere import Ints, Positions, Reals

_BTS_COLUMNS = (
    "ZTFID", "IAUID", "RA", "Dec", "peakt", "peakfilt", "peakmag", "peakabs", "duration", "rise", "fade", "type",
    "redshift", "b", "A_V",
)  # fmt: skip
# What VizieR calls the columns of the tables it is known to have, whether or not the sky has an entry of them.
_POSITION = {"ra": "RAJ2000", "dec": "DEJ2000"}
_COLUMNS = {
    "B/vsx/vsx": {"name": "Name", **_POSITION, "type": "Type", "period": "Period"},
    "J/ApJS/249/18/table2": {"name": "ID", **_POSITION, "type": "Type", "period": "Per"},
    "VII/290": {"name": "Name", **_POSITION, "type": "Type", "redshift": "z"},
}
_COLUMNS_OF_OTHERS = {"name": "Name", **_POSITION, "type": "Type", "period": "Period", "redshift": "z"}


def router(clock: Clock) -> APIRouter:
    """Serve the Bright Transient Survey's explorer."""
    routes = APIRouter()

    @routes.get("/ztf/bts/explorer.php")
    def bts() -> Response:
        return csv_answer(clock.view.derive(_bright_transients))

    return routes


def _bright_transients(view: View) -> pa.Table:
    rows = view.catalogues.filter(pc.equal(view.catalogues["catalogue"], "BTS"))
    known = {
        "ZTFID": rows["oid"],
        "IAUID": rows["name"],
        "RA": _sexagesimal(rows["ra"].to_numpy() / 15, decimals=2),
        "Dec": pc.binary_join_element_wise(
            np.where(rows["dec"].to_numpy() < 0, "-", "+"), _sexagesimal(abs(rows["dec"].to_numpy()), decimals=1), ""
        ),
        "type": rows["type"],
        "redshift": pc.cast(rows["redshift"], pa.string()),
    }
    unknown = pa.array(["-"] * len(rows))
    return pa.table({name: pc.fill_null(known[name], "-") if name in known else unknown for name in _BTS_COLUMNS})


def _sexagesimal(value: Reals, decimals: int) -> pa.Array:
    """Write hours or degrees (not negative) as ``12:34:56.7``, rounded."""
    steps = np.rint(value * 3600 * 10**decimals).astype(np.int64)
    seconds, part = np.divmod(steps, 10**decimals)
    fields = (_padded(seconds // 3600, 2), _padded(seconds // 60 % 60, 2), _padded(seconds % 60, 2))
    return pc.binary_join_element_wise(pc.binary_join_element_wise(*fields, ":"), _padded(part, decimals), ".")


def _padded(numbers: Ints, width: int) -> pa.Array:
    return pc.utf8_lpad(pc.cast(pa.array(numbers), pa.string()), width=width, padding="0")


def vizier_names(view: View) -> list[str]:
    """Give the names of the VizieR tables, sorted: those of `_COLUMNS`, and the sky's that have a slash."""
    names = pc.drop_null(pc.unique(view.catalogues["catalogue"])).to_pylist()
    return sorted({*_COLUMNS, *(name for name in names if "/" in name)})


def vizier_tables(view: View) -> dict[str, tuple[pa.Table, Positions]]:
    """Give each VizieR table with its own column names, and an index of its positions."""
    tables = {}
    for name in vizier_names(view):
        rows = view.catalogues.filter(pc.equal(view.catalogues["catalogue"], name))
        columns = _COLUMNS.get(name, _COLUMNS_OF_OTHERS)
        table = rows.select(list(columns)).rename_columns(list(columns.values()))
        if name == "B/vsx/vsx":
            # VSX's own flag: 0 is a variable, as all of a sky directory's are.
            table = table.append_column("V", pa.array([0] * len(table), pa.int64()))
        tables[name] = table, Positions(rows["ra"].to_numpy(), rows["dec"].to_numpy())
    return tables


def vizier_table(view: View, name: str) -> tuple[pa.Table, Positions] | None:
    """Find a table; that of a catalogue with only one also under VizieR's name for it, such as VII/290/catalog."""
    tables = view.derive(vizier_tables)
    return tables.get(name) or tables.get(name.removesuffix("/catalog"))
