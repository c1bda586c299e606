"""The list of the ZTF Bright Transient Survey (doi:10.3847/1538-4357/ab8943): spectroscopic types of transients."""

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from starloop.archives.catalogues import RADIUS_ARCSEC
from starloop.archives.config import Archives
from starloop.archives.http import client
from starloop.archives.line import Line, Refused, Unavailable
from starloop.archives.rounds import SILENT_LIMITS
from starloop.sky.tables import CATALOGUES

_QUERY = {"f": "s", "subsample": "all", "coverage": "any", "format": "csv"}
_COLUMNS = ("ZTFID", "IAUID", "RA", "Dec", "type", "redshift")
_SEXAGESIMAL = r"^(?P<sign>[-+]?)(?P<whole>\d+):(?P<minutes>\d+):(?P<seconds>[\d.]+)$"


class Bts:
    """The survey's explorer, which gives the whole list at once.

    Parameters
    ----------
    archives : Archives
        Its `bts`, and a transient that must be in the list.
    """

    def __init__(self, archives: Archives) -> None:
        self.line = Line("BTS", archives.bts, "BTS")
        self._canary = archives.canaries.transient

    def canary(self) -> str | None:
        """Ask for the transient that must be there, and say what came; None when there is none.

        Raises
        ------
        Refused, ArchiveDown
            As `matched`.
        """
        return None if self._canary is None else f"{self._list().num_rows:,} transients, {self._canary} among them"

    def matched(self, objects: pa.Table) -> pa.Table:
        """Find the objects in the list: by their name, or else by their position.

        Parameters
        ----------
        objects : pyarrow.Table
            Columns oid, ra, dec (deg).

        Returns
        -------
        pyarrow.Table
            Rows of the catalogues table, in no order.

        Raises
        ------
        Refused
            When the list lacks columns, or has something else in them.
        ArchiveDown
            When the survey does not answer, or not with its whole list.
        """
        listed = self._list()
        named = pc.is_in(listed["oid"], value_set=objects["oid"].combine_chunks())
        others = listed.filter(
            pc.and_(pc.invert(named), pc.and_(pc.is_valid(listed["ra"]), pc.is_valid(listed["dec"])))
        )
        entry, row = _near(others, objects)
        by_place = others.take(pa.array(entry)).drop_columns("oid").append_column("oid", objects["oid"].take(row))
        return pa.concat_tables([listed.filter(named), by_place.select(CATALOGUES.names)]).combine_chunks()

    def _list(self) -> pa.Table:
        """Fetch the list until it can be believed.

        The explorer has no pages and does not say how many rows there are. A list that was cut short lacks its later
        entries, so the canary should be one of those; without one, and for a number of rows that archives are known
        to cut at, the list must say the same twice. It is believed then: a small sky may have just so many transients.
        """
        said: list[int] = []

        def ask() -> pa.Table:
            listed = self._ask()
            if self._canary is not None and not pc.any(pc.equal(listed["oid"], self._canary)).as_py():
                raise Unavailable(f"a list without {self._canary}")
            said.append(listed.num_rows)
            if listed.num_rows in SILENT_LIMITS | {0} and said.count(listed.num_rows) < 2:
                raise Unavailable(f"a list of just {listed.num_rows} transients")
            return listed

        return self.line.ask(ask)

    def _ask(self) -> pa.Table:
        try:
            with client(self.line) as session:
                body = session.get(self.line.settings.url, params=_QUERY).content
        except httpx.HTTPError as wrong:  # such as too many redirects, which the line cannot see
            raise Unavailable(type(wrong).__name__) from wrong
        body = body.decode("utf-8", "replace").lstrip().encode()
        if not body.startswith(b"ZTFID,"):
            raise Unavailable("a page that is not a list in CSV")
        try:
            listed = csv.read_csv(
                pa.BufferReader(body),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(_COLUMNS, pa.string()), include_columns=list(_COLUMNS)
                ),
            )
            return _entries({name: _known(listed[name]) for name in _COLUMNS})
        except (KeyError, pa.ArrowException) as wrong:
            raise Refused(f"its list is not as starloop knows it: {wrong}") from wrong


def _known(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Make nulls of dashes and of nothing."""
    trimmed = pc.utf8_trim_whitespace(texts)
    return pc.if_else(pc.is_in(trimmed, value_set=pa.array(["", "-"])), None, trimmed)


def _entries(told: dict[str, pa.ChunkedArray]) -> pa.Table:
    """Make rows of the catalogues table."""
    rows = len(told["ZTFID"])
    columns = {
        "catalogue": pa.array(["BTS"] * rows, pa.string()),
        "name": pc.coalesce(told["IAUID"], told["ZTFID"]),
        "ra": _degrees(told["RA"], 15.0),
        "dec": _degrees(told["Dec"], 1.0),
        "type": told["type"],
        "period": pa.nulls(rows, pa.float64()),
        "redshift": pc.cast(told["redshift"], pa.float64()),
        "oid": told["ZTFID"],
    }
    return pa.table(columns, schema=CATALOGUES)


def _degrees(texts: pa.ChunkedArray, per_unit: float) -> pa.ChunkedArray:
    """Read degrees, or sexagesimal angles whose first part is so many degrees each."""
    parts = pc.extract_regex(texts, _SEXAGESIMAL)
    whole, minutes, seconds = (
        pc.cast(pc.struct_field(parts, name), pa.float64()) for name in ("whole", "minutes", "seconds")
    )
    size = pc.add(pc.add(whole, pc.divide(minutes, 60.0)), pc.divide(seconds, 3600.0))
    angle = pc.if_else(pc.equal(pc.struct_field(parts, "sign"), "-"), pc.negate(size), size)
    decimal = pc.cast(pc.if_else(pc.is_null(parts), texts, None), pa.float64())
    return pc.coalesce(pc.multiply(angle, per_unit), decimal)


def _near(entries: pa.Table, objects: pa.Table) -> tuple[pa.Array, pa.Array]:
    """Pair the rows of entries with those of objects near them."""
    from scipy.spatial import cKDTree

    tree = cKDTree(_vectors(objects))
    chord = 2 * np.sin(np.radians(RADIUS_ARCSEC / 3600) / 2)
    near = tree.query_ball_point(_vectors(entries), chord, return_sorted=True)
    pairs = [(entry, row) for entry, rows in enumerate(near) for row in rows]
    entry, row = np.array(pairs, np.int64).reshape(-1, 2).T
    return pa.array(entry), pa.array(row)


def _vectors(places: pa.Table) -> NDArray[np.float64]:
    """Turn positions in degrees into unit vectors, shape (n, 3)."""
    lon, lat = np.radians(places["ra"].to_numpy()), np.radians(places["dec"].to_numpy())
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
