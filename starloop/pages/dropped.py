"""Reading a light curve from a file someone drops: CSV or Parquet, with the columns called what surveys call them."""

import csv
import io
import math
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

import pyarrow as pa

from starloop.endpoint import arrow
from starloop.endpoint.problems import Refused
from starloop.endpoint.schemas import MOST_POINTS
from starloop.errors import BadInput

NAMES = {
    "mjd": ("mjd", "obsmjd", "mjd_obs", "time", "jd", "hjd", "bjd"),
    "mag": ("mag", "magpsf_corr", "magpsf", "magnitude"),
    "err": ("err", "sigmapsf_corr", "sigmapsf", "magerr", "mag_err", "sigmag", "e_mag", "error"),
    "flux": ("flux",),
    "flux_err": ("flux_err", "fluxerr", "flux_error", "sigflux", "e_flux"),
    "band": ("band", "fid", "filter", "filtercode", "passband"),
    "limit": ("diffmaglim", "limit_mag"),
    "id": ("oid", "id", "objectid", "object", "name"),
}
"""What a column may be called, in any case; the first that is there is read."""
_BANDS = {spelled: band for number, band in enumerate("gri", start=1) for spelled in (band, str(number), f"{number}.0")}
_BANDS |= {f"{before}{band}": band for before in ("z", "ztf", "ztf_", "ztf-") for band in "gri"}
_FIRST_JD = 2_400_000.5
_NOTHING = ("", "nan", "null", "none", "na", "n/a", "--", "\\n")
_DELIMITERS = ",;\t|"

Rows = list[tuple[str, dict[str, str]]]
"""With which it is: the line of a CSV file, or the row of a Parquet file from 1."""


def read(name: str, content: bytes) -> dict[str, Any]:
    """Read a file's light curve, as ``POST /classify`` takes it.

    Rows with a magnitude or flux are points, those with only a limit upper limits, and those with neither are left
    out. Times beyond 2,400,000.5 are Julian dates.

    Parameters
    ----------
    name : str
        Of the file; the object is called so where no column names it.
    content : bytes
        The file.

    Raises
    ------
    BadInput
        Says which column or which row is wrong, and what it should be.
    """
    called = PurePath(name).suffix.lower() == ".parquet"
    rows = _parquet(content) if called or content[:4] == b"PAR1" else _csv(content)
    if not rows:
        raise BadInput("the file has no rows below its header")
    if len(rows) > 2 * MOST_POINTS:
        raise BadInput(f"the file has {len(rows):,} rows, more than {2 * MOST_POINTS:,}: bin them first")
    columns = _columns(list(rows[0][1]))
    # As many kinds of photometry would be as many measurements: one is read.
    measured = ("mag", "err") if "mag" in columns else ("flux", "flux_err")
    told: dict[str, Any] = {"id": _name(rows, columns, name), "mjd": [], "band": [], measured[0]: [], measured[1]: []}
    limits: dict[str, list[Any]] = {"limit_mjd": [], "limit_mag": [], "limit_band": []}
    for where, row in rows:
        value = _real(row, columns[measured[0]], where)
        limit = _real(row, columns["limit"], where) if "limit" in columns else None
        if value is None and limit is None:
            continue
        mjd, band = _time(row, columns["mjd"], where), _band(row, columns["band"], where)
        if value is None:
            for key, one in zip(limits, (mjd, limit, band), strict=True):
                limits[key].append(one)
            continue
        point: dict[str, Any] = {
            "mjd": mjd,
            "band": band,
            measured[0]: value,
            measured[1]: _error(row, columns[measured[1]], where),
        }
        for key, one in point.items():
            told[key].append(one)
    if not told["mjd"]:
        raise BadInput(f"no row of the file has a value in its column {columns[measured[0]]}")
    apparent = {"magpsf": False, "magpsf_corr": True}.get(columns.get("mag", "").lower())
    return told | (limits if limits["limit_mjd"] else {}) | ({} if apparent is None else {"apparent": apparent})


def _csv(content: bytes) -> Rows:
    """Give the rows below the header."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("the file is neither Parquet nor text in UTF-8: save the light curve as CSV") from None
    lines = text.splitlines()
    begin = next((n for n, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), None)
    if begin is None:
        raise BadInput("the file is empty: its first line should name the columns, as in mjd,mag,err,band")
    header = lines[begin]
    delimiter = max(_DELIMITERS, key=header.count)
    cells: Sequence[Sequence[str]]
    if delimiter in header:
        cells = list(csv.reader(io.StringIO("\n".join(lines[begin:])), delimiter=delimiter))
    else:
        cells = [line.split() for line in lines[begin:]]
    names = [name.strip() for name in cells[0]]
    rows: Rows = []
    for number, cell in enumerate(cells[1:], start=begin + 2):
        if not any(one.strip() for one in cell):
            continue
        if len(cell) > len(names):
            raise BadInput(f"line {number} has {len(cell)} values, but the header names {len(names)} columns")
        whole = [*cell, *[""] * (len(names) - len(cell))]
        rows.append((f"line {number}", {name: value.strip() for name, value in zip(names, whole, strict=True)}))
    return rows


def _parquet(content: bytes) -> Rows:
    try:
        # Points and upper limits.
        table = pa.ipc.open_stream(arrow.unpacked(content, rows=2 * MOST_POINTS)).read_all()
    except Refused as wrong:
        raise BadInput(f"the file {wrong.errors[0].problem}") from None
    nested = [field.name for field in table.schema if pa.types.is_nested(field.type)]
    if nested:
        raise BadInput(f"the column {nested[0]} holds lists: give one row a point")
    return [
        (f"row {number}", {name: "" if one is None else str(one) for name, one in row.items()})
        for number, row in enumerate(table.to_pylist(), start=1)
    ]


def _columns(names: list[str]) -> dict[str, str]:
    """Give which of the file's columns is which."""
    there = {name.lower(): name for name in names}
    found = {key: there[one] for key, known in NAMES.items() for one in reversed(known) if one in there}
    needed = ["mjd", "band", *(("flux", "flux_err") if "flux" in found and "mag" not in found else ("mag", "err"))]
    for key in needed:
        if key not in found:
            others = f"; it has {', '.join(names[:12])}"
            raise BadInput(f"the file has no column {key} (or {', '.join(NAMES[key][1:])}){others}")
    return found


def _name(rows: Rows, columns: dict[str, str], file: str) -> str:
    if "id" not in columns:
        return PurePath(file).stem[:200] or "dropped"
    names = sorted({row[columns["id"]] for _, row in rows} - {""})
    if len(names) > 1:
        raise BadInput(f"the column {columns['id']} names {len(names)} objects ({names[0]}, {names[1]}, ...): give one")
    return names[0][:200] if names else PurePath(file).stem[:200] or "dropped"


def _real(row: dict[str, str], column: str, where: str) -> float | None:
    text = row[column]
    if text.lower() in _NOTHING:
        return None
    try:
        value = float(text)
    except ValueError:
        raise BadInput(f"{where}, column {column}: {text[:40]!r} is not a number") from None
    if not math.isfinite(value):
        raise BadInput(f"{where}, column {column}: {text[:40]} is not a finite number")
    return value


def _given(row: dict[str, str], column: str, where: str) -> float:
    value = _real(row, column, where)
    if value is None:
        raise BadInput(f"{where}, column {column}: there is no value")
    return value


def _time(row: dict[str, str], column: str, where: str) -> float:
    value = _given(row, column, where)
    return value - _FIRST_JD if value > _FIRST_JD else value


def _error(row: dict[str, str], column: str, where: str) -> float:
    value = _given(row, column, where)
    if value <= 0.0:
        raise BadInput(f"{where}, column {column}: an error of {value:g} is not positive")
    return value


def _band(row: dict[str, str], column: str, where: str) -> str:
    band = _BANDS.get(row[column].lower())
    if band is None:
        raise BadInput(
            f"{where}, column {column}: {row[column][:40]!r} is no band starloop knows: "
            "g, r or i (or 1, 2, 3; zg, zr, zi)"
        )
    return band
