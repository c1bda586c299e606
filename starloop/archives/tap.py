"""Catalogue entries near one object at a time, from TAPVizieR: what is asked when the cross-match has banned us."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import requests

from starloop.archives import votable
from starloop.archives.catalogues import LISTINGS, RADIUS_ARCSEC, Listing, entries
from starloop.archives.config import Archives
from starloop.archives.http import mount
from starloop.archives.line import Line, Refused, Unavailable
from starloop.archives.rounds import SILENT_LIMITS
from starloop.archives.votable import Row

MOST_OBJECTS = 500
"""About more objects it is not polite to ask one by one."""
_MAXREC = 1000
"""Asked for with every query, since without it each service has a limit of its own."""
_RADIUS_DEG = RADIUS_ARCSEC / 3600

Position = tuple[float, float]


class Tap:
    """The TAP service of VizieR.

    Parameters
    ----------
    archives : Archives
        Its `tap`, and its canaries: every query asks for an entry that must be there, too, and an answer that does
        not hold it is not believed.
    """

    def __init__(self, archives: Archives) -> None:
        self.line = Line("TAPVizieR", archives.tap, "TAP")
        self._canaries = archives.canaries.entries

    def canary(self) -> str | None:
        """Ask for the entry that must be there, and say what came; None when there is none.

        Raises
        ------
        ArchiveDown
            When it does not come.
        """
        for listing in LISTINGS:
            if listing.table in self._canaries:
                place = self._canaries[listing.table]
                return f"{self._near(listing, place)[0][listing.name]} of {listing.table}"
        return None

    def matched(self, listing: Listing, objects: pa.Table) -> pa.Table:
        """Match objects to one table, as the cross-match would.

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
            When there are more than `MOST_OBJECTS`, the service does not know the table, or an answer was cut short
            or lacks columns.
        ArchiveDown
            When the service does not answer.
        """
        if objects.num_rows > MOST_OBJECTS:
            raise Refused(
                f"{objects.num_rows} objects are too many to ask TAPVizieR about one by one ({MOST_OBJECTS} at most): "
                "ask again when the cross-match answers"
            )
        oids, ra, dec = (objects[name].to_pylist() for name in ("oid", "ra", "dec"))
        with ThreadPoolExecutor(self.line.settings.connections, thread_name_prefix="tap") as pool:
            found = pool.map(lambda place: self._near(listing, place), zip(ra, dec, strict=True))
            return entries(listing, [(oid, row) for oid, rows in zip(oids, found, strict=True) for row in rows])

    def _near(self, listing: Listing, place: Position) -> list[Row]:
        """Give the entries near a position (deg)."""
        return self.line.ask(lambda: self._cone(listing, place))

    def _cone(self, listing: Listing, place: Position) -> list[Row]:
        canary = self._canaries.get(listing.table)
        rows, cut = self._ask(listing, place, canary)
        if canary is None and not rows:
            rows, cut = self._ask(listing, place, canary)  # nothing else vouches for an empty answer
        if cut or len(rows) in SILENT_LIMITS:
            raise Refused(f"{len(rows)} entries of {listing.vizier} near {place} are an answer cut short")
        if canary is None:
            return rows
        if not _within(listing, rows, canary):
            raise Unavailable(f"an answer without the entry of {listing.vizier} at {canary}")
        return _within(listing, rows, place)

    def _ask(self, listing: Listing, place: Position, canary: Position | None) -> tuple[list[Row], bool]:
        inside = " OR ".join(
            f"1=CONTAINS(POINT('ICRS',{listing.ra},{listing.dec}),CIRCLE('ICRS',{ra!r},{dec!r},{_RADIUS_DEG!r}))"
            for ra, dec in ([place] if canary is None else [place, canary])
        )
        query = self._service.create_query(f'SELECT * FROM "{listing.vizier}" WHERE {inside}', maxrec=_MAXREC)  # noqa: S608
        try:
            # not query.execute(): it reads the socket, of which the line has read everything
            return votable.read(query.submit(post=True).content)
        except requests.RequestException as wrong:  # such as too many redirects, which the line cannot see
            raise Unavailable(type(wrong).__name__) from wrong

    @cached_property
    def _service(self) -> Any:
        from pyvo.dal import TAPService

        session = requests.Session()
        mount(self.line, session)
        return TAPService(self.line.settings.url, session=session)


def _within(listing: Listing, rows: list[Row], place: Position) -> list[Row]:
    """Choose the rows near a position; a hair wider, as the service's own distances are rounded, too."""
    from astropy.coordinates import angular_separation

    there = np.radians([(row[listing.ra], row[listing.dec]) for row in rows], dtype=float).reshape(-1, 2).T
    apart = np.degrees(angular_separation(*np.radians(place), *there))
    return [row for row, distance in zip(rows, apart, strict=True) if distance <= _RADIUS_DEG * (1 + 1e-6)]
