"""Catalogue entries near many objects at once, from the cross-match of the CDS in Strasbourg."""

import io
from contextlib import redirect_stdout
from functools import cached_property
from typing import Any

import pyarrow as pa
import requests

from starloop.archives import votable
from starloop.archives.catalogues import LISTINGS, RADIUS_ARCSEC, Listing, entries
from starloop.archives.config import Archives
from starloop.archives.http import mount
from starloop.archives.line import Banned, Line, Refused, Unavailable
from starloop.archives.rounds import SILENT_LIMITS
from starloop.archives.tap import Tap
from starloop.archives.votable import Row
from starloop.sky.tables import CATALOGUES, OBJECTS

_CANARY = "(canary)"
"""What the canary is called among the objects; no object of ZTF is called so."""


class XMatch:
    """The cross-match service; once it has banned us, `Tap` is asked instead.

    Parameters
    ----------
    archives : Archives
        Its `xmatch` and `tap`, and its canaries: an entry of a table is uploaded with the objects, and an answer
        that does not hold it is not believed.
    """

    def __init__(self, archives: Archives) -> None:
        self.line = Line("CDS XMatch", archives.xmatch, "XMATCH")
        self._canaries = archives.canaries.entries
        self._tap = Tap(archives)
        self._banned = False

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines it asks over: the service's, and the one for when it has banned us."""
        return self.line, self._tap.line

    def canary(self) -> str | None:
        """Ask for the entry that must be there, and say what came; None when there is none.

        Raises
        ------
        ArchiveDown
            When it does not come.
        """
        for listing in LISTINGS:
            if listing.table not in self._canaries:
                continue
            try:
                rows = self._whole(listing, OBJECTS.empty_table())
            except Banned:
                return f"{self._tap.canary()} from TAPVizieR: the cross-match has banned us"
            return f"{rows[0][listing.name]} of {listing.table}"
        return None

    def matched(self, listing: Listing, objects: pa.Table) -> pa.Table:
        """Match all objects to one table.

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
            When the service does not know the table, or the answer lacks its columns.
        ArchiveDown
            When the service does not answer.
        """
        if not objects.num_rows:
            return CATALOGUES.empty_table()
        if not self._banned:
            try:
                rows = self._whole(listing, objects)
                return entries(listing, ((row["object"], row) for row in rows if row["object"] != _CANARY))
            except Banned:
                self._banned = True
        return self._tap.matched(listing, objects)

    def _whole(self, listing: Listing, objects: pa.Table) -> list[Row]:
        """Match all objects; those whose answer was cut short, in two halves."""
        rows = self.line.ask(lambda: self._upload(listing, objects))
        if rows is not None:
            return rows
        half = objects.num_rows // 2
        return self._whole(listing, objects.slice(0, half)) + self._whole(listing, objects.slice(half))

    def _upload(self, listing: Listing, objects: pa.Table) -> list[Row] | None:
        """Match the objects and, below them, the canary; give None for an answer that was cut short."""
        canary = self._canaries.get(listing.table)
        ids, ra, dec = (objects[name].to_pylist() for name in ("oid", "ra", "dec"))
        if canary is not None:
            ids, ra, dec = [*ids, _CANARY], [*ra, canary[0]], [*dec, canary[1]]
        rows, cut = self._ask(listing, ids, ra, dec)
        if canary is None and not rows:
            rows, cut = self._ask(listing, ids, ra, dec)  # nothing else vouches for an empty answer
        lacks_canary = canary is not None and not any(row.get("object") == _CANARY for row in rows)
        suspicious = cut or len(rows) in SILENT_LIMITS
        if objects.num_rows > 1 and (suspicious or (rows and lacks_canary)):
            return None
        if suspicious:
            raise Refused(f"{len(rows)} entries of {listing.vizier} near one object are an answer cut short")
        if lacks_canary:
            raise Unavailable(f"an answer without the entry of {listing.vizier} at {canary}")
        return rows

    def _ask(self, listing: Listing, ids: list[str], ra: list[float], dec: list[float]) -> tuple[list[Row], bool]:
        from astropy import units
        from astropy.table import Table

        try:
            answer = self._service.query_async(
                Table({"object": ids, "object_ra": ra, "object_dec": dec}),
                f"vizier:{listing.vizier}",
                RADIUS_ARCSEC * units.arcsec,
                colRA1="object_ra",
                colDec1="object_dec",
                cache=False,
            )
        except requests.RequestException as wrong:  # such as too many redirects, which the line cannot see
            raise Unavailable(type(wrong).__name__) from wrong
        return votable.read(answer.content)

    @cached_property
    def _service(self) -> Any:
        with redirect_stdout(io.StringIO()):  # its import prints that an optional package is missing
            from astroquery.xmatch import XMatchClass

        service = XMatchClass()
        service.URL = self.line.settings.url
        # it would fetch the list of all tables twice a query, and keep it on disk for a week, even a bad one
        service.is_table_available = lambda table: isinstance(table, str)
        mount(self.line, service._session)
        return service
