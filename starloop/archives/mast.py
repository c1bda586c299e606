"""MAST, asked through astroquery, and the TESS Input Catalog in it (doi:10.3847/1538-3881/ab3467)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import requests

from starloop.archives import http
from starloop.archives.config import Archives
from starloop.archives.line import Line, Refused, Unavailable
from starloop.errors import BadInput

RADIUS_ARCSEC = 2.0
PAGE_ROWS = 50_000
"""How many rows astroquery asks for at once: an answer of exactly so many may have been cut."""
STARS = pa.schema([("tic", pa.int64()), ("ra", pa.float64()), ("dec", pa.float64()), ("arcsec", pa.float64())])

_NOT_STARS = {"ARTIFACT", "DUPLICATE"}
"""Dispositions of entries that are no stars of their own (Paegert et al. 2021, arXiv:2108.04778)."""
_POLL_S = 0.5
_SAID_ANONYMOUS = 3
"""How often a token must be said to be nobody's: an archive in trouble may say so of a good one."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Identity:
    """What MAST makes of the token.

    Parameters
    ----------
    valid : bool
        It knows whose it is.
    expires : str or None
        When it ends, as MAST writes it; None where MAST does not say.
    """

    valid: bool
    expires: str | None


class Mast:
    """MAST on its line; threads may share it.

    Parameters
    ----------
    archives : Archives
        Where it is; a token for those who have one, which is shown with the first question.
    """

    def __init__(self, archives: Archives) -> None:
        from astroquery.mast import CatalogsClass, ObservationsClass

        self.line = Line("MAST", archives.mast, "MAST")
        self.canaries = archives.canaries
        self.observations = self._on_line(ObservationsClass())
        """astroquery's client. Its ``*_async`` questions leave nothing behind in it, so that threads may share it."""
        self._catalogs = self._on_line(CatalogsClass())
        self._token = archives.credentials.mast_token
        self._known = self._token is None
        self._logging_in = threading.Lock()
        if self._token is not None:
            # not by login(), which would show it to every host that it is redirected to
            host = urlsplit(archives.mast.url).hostname or ""
            domain = host if "." in host else f"{host}.local"  # as http.cookiejar calls it
            self.observations._session.cookies.set("mast_token", self._token.get_secret_value(), domain=domain)

    def _on_line(self, client: Any) -> Any:
        """Point one of astroquery's clients at the archive: its addresses were read when it was imported."""
        url, portal = self.line.settings.url, client._portal_api_connection
        portal.MAST_REQUEST_URL = f"{url}/api/v0/invoke"
        portal.COLUMNS_CONFIG_URL = f"{url}/portal/Mashup/Mashup.asmx/columnsconfig"
        portal.MAST_DOWNLOAD_URL = f"{url}/api/v0.1/Download/file"
        portal.TIMEOUT = 2 * self.line.settings.deadline_s  # for polling; the line's own retries are in it
        client._auth_obj.SESSION_INFO_URL = f"{url}/whoami"
        # instead of its own, which writes every request's headers into the debug log, the token with them
        client._session.hooks["response"] = [_pause]
        http.mount(self.line, client._session)
        return client

    def whoami(self) -> Identity:
        """Ask MAST whether it knows the token; it must say several times that it does not.

        Raises
        ------
        ArchiveDown
            When MAST does not answer.
        """

        def look() -> Identity:
            with understood():
                told = self.observations.session_info(verbose=False)
                return Identity(not told["anon"], told.get("expire"))

        for _ in range(_SAID_ANONYMOUS):
            identity = self.line.need(look)
            if identity.valid:
                break
        return identity

    def _log_in(self) -> None:
        """Make sure, once, that MAST accepts the token, where there is one."""
        with self._logging_in:
            if not self._known and not self.whoami().valid:
                raise BadInput(
                    f"MAST at {self.line.settings.url} does not accept the token in MAST_API_TOKEN: "
                    "renew it, or unset it (public data need none)"
                )
            self._known = True

    def rows(self, ask: Callable[[], list[requests.Response]]) -> list[Row]:
        """Ask one of astroquery's ``*_async`` questions, and give the rows as they came.

        astroquery's tables would hold -999 and empty texts where the answer has nothing.

        Raises
        ------
        Unavailable
            When the answer is not one, or may have been cut.
        Refused, ArchiveDown
            When MAST does not take the question, or does not answer.
        BadInput
            When MAST does not accept the token.
        """
        self._log_in()
        rows: list[Row] = []
        with understood():
            for answer in [response.json() for response in ask()]:
                if answer["status"] != "COMPLETE":
                    raise Unavailable(f"status {answer['status']}: {answer.get('msg')}")
                rows += answer["data"]
        if len(rows) == PAGE_ROWS:
            raise Unavailable(f"exactly {PAGE_ROWS} rows: the answer was cut")
        return rows

    def nearest_star(self, ra: float, dec: float) -> pa.Table:
        """Find the TIC star nearest to a position (degrees), within `RADIUS_ARCSEC`.

        Returns
        -------
        pyarrow.Table
            Columns of `STARS`, one row or none: the star's number and position (degrees), how far away it is (arcsec).

        Raises
        ------
        Unavailable, Refused, ArchiveDown, BadInput
            As `rows`.
        """
        from astropy import units
        from astropy.coordinates import SkyCoord

        place, radius = SkyCoord(ra, dec, unit="deg"), RADIUS_ARCSEC * units.arcsec
        rows = self.rows(lambda: self._catalogs.query_region_async(place, radius=radius, catalog="TIC"))
        with understood():
            stars = [
                {
                    "tic": int(row["ID"]),
                    "ra": float(row["ra"]),
                    "dec": float(row["dec"]),
                    "arcsec": float(row["dstArcSec"]),
                }
                for row in rows
                if row.get("disposition") not in _NOT_STARS
            ]
        near = sorted((star["arcsec"], star["tic"], star) for star in stars if star["arcsec"] <= RADIUS_ARCSEC)
        return pa.Table.from_pylist([star for _, _, star in near[:1]], schema=STARS)

    def canary(self) -> str | None:
        """Ask for a star that is in the TIC; None where there is no such star.

        Raises
        ------
        ArchiveDown
            When it is not there, or MAST does not answer.
        BadInput
            When MAST does not accept the token.
        """
        place = self.canaries.star
        if place is None:
            return None

        def look() -> str:
            stars = self.nearest_star(*place).to_pylist()
            if not stars:
                raise Unavailable(f"no TIC star at {place[0]:.5f} {place[1]:+.5f}, where there has always been one")
            return f"TIC {stars[0]['tic']} at {place[0]:.5f} {place[1]:+.5f}"

        return self.line.need(look)


def _pause(response: requests.Response, **_: Any) -> None:
    """Wait before a question that is still executing is polled again: astroquery would not."""
    if b'"EXECUTING"' in response.content[:200]:
        time.sleep(_POLL_S)


@contextmanager
def understood() -> Iterator[None]:
    """Say in starloop's words what can still be wrong with an answer that came.

    Raises
    ------
    Unavailable
        When it is malformed, or still not there at the deadline.
    Refused
        When the address is not one.
    """
    from astroquery.exceptions import InvalidQueryError

    try:
        yield
    except requests.JSONDecodeError as wrong:
        raise Unavailable("its answer is not JSON") from wrong
    except requests.RequestException as wrong:
        raise Refused(f"{type(wrong).__name__}: {wrong}"[:160]) from wrong
    except TimeoutError as wrong:
        raise Unavailable(f"status EXECUTING for too long: {wrong}") from wrong
    # the query is called invalid where the columns it may have came empty
    except (InvalidQueryError, AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Unavailable(f"its answer is malformed: {wrong!r}"[:160]) from wrong
