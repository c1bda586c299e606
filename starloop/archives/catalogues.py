"""The catalogues at VizieR that name an object's class, and what an answer about them is worth.

Every entry within `RADIUS_ARCSEC` of an object is kept; which one names its class is for the labels to decide.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from starloop.archives.line import Refused
from starloop.sky.tables import CATALOGUES

RADIUS_ARCSEC = 2.0

# VSX keeps entries that turned out not to vary (2) or to be another's (3)
_VSX_VARIABLE = (None, 0, 1)


@dataclass(frozen=True)
class Listing:
    """A table at VizieR, and what its columns are called there; None where it has no such column.

    Parameters
    ----------
    table : str
        What starloop calls it.
    vizier : str
        What VizieR calls it.
    """

    table: str
    vizier: str
    name: str
    ra: str
    dec: str
    type: str
    period: str | None = None
    redshift: str | None = None


LISTINGS = (
    # International Variable Star Index, Watson et al. 2006
    Listing("B/vsx/vsx", "B/vsx/vsx", "Name", "RAJ2000", "DEJ2000", "Type", period="Period"),
    # ZTF catalogue of periodic variables, doi:10.3847/1538-4365/ab9cae
    Listing("J/ApJS/249/18/table2", "J/ApJS/249/18/table2", "ID", "RAJ2000", "DEJ2000", "Type", period="Per"),
    # Million Quasars, doi:10.48550/arXiv.2105.12985
    Listing("VII/290", "VII/290/catalog", "Name", "RAJ2000", "DEJ2000", "Type", redshift="z"),
)


def entries(listing: Listing, pairs: Iterable[tuple[str, dict[str, Any]]]) -> pa.Table:
    """Make rows of the catalogues table, in the order of the pairs.

    Parameters
    ----------
    pairs : iterable of (str, dict)
        An object's oid, and a row of the listing's table near it.

    Raises
    ------
    Refused
        When a row lacks the listing's columns, or has something else in them.
    """
    try:
        found = [_entry(listing, oid, row) for oid, row in pairs if row.get("V") in _VSX_VARIABLE]
        return pa.Table.from_pylist(found, schema=CATALOGUES)
    except (KeyError, ValueError, TypeError, pa.ArrowException) as wrong:
        raise Refused(f"the table {listing.vizier} is not as starloop knows it: {wrong!r}") from wrong


def _entry(listing: Listing, oid: str, row: dict[str, Any]) -> dict[str, Any]:
    def number(column: str | None) -> float | None:
        value = None if column is None else row[column]
        return None if value is None or np.isnan(value) else float(value)

    def text(column: str) -> str | None:
        value = row[column]
        return None if value is None else str(value).strip() or None

    return {
        "catalogue": listing.table,
        "name": text(listing.name),
        "ra": number(listing.ra),
        "dec": number(listing.dec),
        "type": text(listing.type),
        "period": number(listing.period),
        "redshift": number(listing.redshift),
        "oid": oid,
    }
