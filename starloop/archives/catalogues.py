"""What catalogues say of a night's objects: the Bright Transient Survey, and tables of the CDS cross-match.

Every entry within `RADIUS_ARCSEC` of an object is kept; which one names its class is for the labels to decide.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any
from xml.parsers.expat import ExpatError

import numpy as np
import pyarrow as pa
import requests
from numpy.typing import NDArray

from starloop.archives.http import Archive, Refused, Unavailable, check_status, client, get
from starloop.settings import Archives
from starloop.sky.tables import CATALOGUES

RADIUS_ARCSEC = 2.0

_BTS_QUERY = {"f": "s", "subsample": "all", "coverage": "any", "format": "csv"}


@dataclass(frozen=True)
class Listing:
    """A table of the CDS cross-match, and what its columns are called there; None where it has no such column."""

    table: str
    name: str
    ra: str
    dec: str
    type: str
    period: str | None = None
    redshift: str | None = None


LISTINGS = (
    # International Variable Star Index, Watson et al. 2006
    Listing("B/vsx/vsx", "Name", "RAJ2000", "DEJ2000", "Type", period="Period"),
    # ZTF catalogue of periodic variables, doi:10.3847/1538-4365/ab9cae
    Listing("J/ApJS/249/18/table2", "ID", "RAJ2000", "DEJ2000", "Type", period="Per"),
    # Million Quasars, doi:10.48550/arXiv.2105.12985
    Listing("VII/290", "Name", "RAJ2000", "DEJ2000", "Type", redshift="z"),
)
NAMES = ("BTS", *(listing.table for listing in LISTINGS))

# VSX keeps entries that turned out not to vary (2) or to be another's (3)
_VSX_VARIABLE = (None, 0, 1)


def bts(archives: Archives, objects: pa.Table) -> pa.Table:
    """Fetch the Bright Transient Survey's list (doi:10.3847/1538-4357/ab8943) and match it by name or position.

    Parameters
    ----------
    objects : pyarrow.Table
        Rows of the objects table.

    Returns
    -------
    pyarrow.Table
        Rows of the catalogues table, in no order.

    Raises
    ------
    Refused
        When the answer is not the survey's CSV.
    ArchiveDown
        When it does not answer.
    """
    archive = Archive("BTS", archives.bts_url, "STARLOOP_ARCHIVES__BTS_URL", archives.timeout_s)
    with client(archives.timeout_s) as session:
        lines = get(session, archive, _BTS_QUERY).decode("utf-8", "replace").splitlines()
    header = next((number for number, line in enumerate(lines) if line.lstrip().startswith("ZTFID,")), None)
    if header is None:
        raise Refused("its answer has no line of column names that begins with ZTFID")
    try:
        entries = [_transient(row) for row in csv.DictReader(line for line in lines[header:] if "," in line)]
    except (KeyError, ValueError, TypeError, AttributeError) as wrong:
        raise Refused(f"its answer is malformed: {wrong!r}") from wrong
    return _matched(entries, objects)


def _transient(row: dict[str, str]) -> dict[str, Any]:
    """Read one line of the survey's list; a dash is a null."""
    said = {name: None if (text := value.strip()) in ("", "-") else text for name, value in row.items()}
    return {
        "catalogue": "BTS",
        "name": said["IAUID"] or said["ZTFID"],
        "ra": _degrees(row["RA"], 15.0),
        "dec": _degrees(row["Dec"], 1.0),
        "type": said["type"],
        "period": None,
        "redshift": None if said["redshift"] is None else float(said["redshift"]),
        "oid": said["ZTFID"],
    }


def _degrees(text: str, per_unit: float) -> float:
    """Read degrees, or a sexagesimal angle whose first part is so many degrees each."""
    if ":" not in text:
        return float(text)
    first, minutes, seconds = text.strip().split(":")
    size = abs(int(first)) + int(minutes) / 60 + float(seconds) / 3600
    return per_unit * (-size if first.startswith("-") else size)


def _matched(entries: list[dict[str, Any]], objects: pa.Table) -> pa.Table:
    """Give each entry to the object of its name, or else to every object near its position."""
    from scipy.spatial import cKDTree

    oids = objects["oid"].to_pylist()
    known = set(oids)
    found = [entry for entry in entries if entry["oid"] in known]
    others = [entry for entry in entries if entry["oid"] not in known]
    if oids and others:
        tree = cKDTree(_vectors(objects["ra"].to_numpy(), objects["dec"].to_numpy()))
        chord = 2 * np.sin(np.radians(RADIUS_ARCSEC / 3600) / 2)
        there = _vectors(*(np.array([entry[axis] for entry in others]) for axis in ("ra", "dec")))
        for entry, near in zip(others, tree.query_ball_point(there, chord), strict=True):
            found += [entry | {"oid": oids[row]} for row in near]
    return pa.Table.from_pylist(found, schema=CATALOGUES)


def _vectors(ra: NDArray[np.float64], dec: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn positions in degrees, shape (n,), into unit vectors, shape (n, 3)."""
    lon, lat = np.radians(ra), np.radians(dec)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def listed(archives: Archives, listing: Listing, objects: pa.Table) -> pa.Table:
    """Match all objects to one table of the CDS cross-match, in one upload.

    Returns
    -------
    pyarrow.Table
        Rows of the catalogues table, in no order.

    Raises
    ------
    Refused
        When the service does not know the table or the answer lacks its columns.
    ArchiveDown
        When the service does not answer.
    """
    archive = Archive("CDS XMatch", archives.xmatch_url, "STARLOOP_ARCHIVES__XMATCH_URL", archives.timeout_s)
    positions = objects.select(["oid", "ra", "dec"]).rename_columns(["object", "object_ra", "object_dec"])
    rows = archive.ask(lambda: _cross_match(archives, listing.table, positions))
    try:
        return pa.Table.from_pylist(
            [_entry(listing, row) for row in rows if row.get("V") in _VSX_VARIABLE], schema=CATALOGUES
        )
    except (KeyError, ValueError, pa.ArrowException) as wrong:
        raise Refused(f"its answer is malformed: {wrong!r}") from wrong


def _cross_match(archives: Archives, table: str, positions: pa.Table) -> list[dict[str, Any]]:
    """Ask the service; masked cells become nulls."""
    from astropy import units
    from astropy.table import Table

    with redirect_stdout(io.StringIO()):  # its import prints that an optional package is missing
        from astroquery.xmatch import XMatchClass

    service = XMatchClass()
    service.URL, service.TIMEOUT = archives.xmatch_url, archives.timeout_s
    with _translated():
        # a catalogue named without its table means its first one
        tables = sorted(service.get_available_tables(cache=False))
        name = next((name for name in tables if f"{name}/".startswith(f"{table}/")), None)
        if name is None:
            raise Refused(f"the service does not know the catalogue {table}")
        matched = service.query(
            Table({name: positions[name].to_pylist() for name in positions.column_names}),
            f"vizier:{name}",
            RADIUS_ARCSEC * units.arcsec,
            colRA1="object_ra",
            colDec1="object_dec",
            cache=False,
        )
    columns = {column: matched[column].tolist() for column in matched.colnames}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _entry(listing: Listing, row: dict[str, Any]) -> dict[str, Any]:
    def number(column: str | None) -> float | None:
        value = None if column is None else row[column]
        return None if value is None or np.isnan(value) else float(value)

    return {
        "catalogue": listing.table,
        "name": str(row[listing.name]),
        "ra": number(listing.ra),
        "dec": number(listing.dec),
        "type": str(row[listing.type] or "").strip() or None,
        "period": number(listing.period),
        "redshift": number(listing.redshift),
        "oid": str(row["object"]),
    }


@contextmanager
def _translated() -> Iterator[None]:
    """Say in starloop's words what the client's exceptions mean.

    On an error the client reads the page as a VOTable, so that the exception of a server that is down
    is often one of the XML parser's, with the HTTP error behind it.
    """
    from astroquery.exceptions import InvalidQueryError

    try:
        yield
    except (requests.RequestException, InvalidQueryError, AttributeError, IndexError, ValueError, ExpatError) as wrong:
        cause: BaseException | None = wrong
        while cause is not None and not isinstance(cause, requests.RequestException):
            cause = cause.__cause__ or cause.__context__
        if cause is None:
            raise Refused(f"its answer is malformed: {wrong!r}"[:160]) from wrong
        if cause.response is not None:
            check_status(cause.response.status_code, cause.response.headers.get("retry-after"), cause.response.text)
        if isinstance(cause, requests.HTTPError):
            raise Refused(str(cause)) from wrong
        raise Unavailable(type(cause).__name__) from wrong
