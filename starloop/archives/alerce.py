"""ZTF alerts through the ALeRCE broker (Förster et al. 2021, doi:10.3847/1538-3881/abe9bc)."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import requests

from starloop.archives import http
from starloop.archives.alerce_client import ask_json, make_client
from starloop.archives.alerce_rows import detections, limits
from starloop.archives.config import Archives
from starloop.archives.line import Line, Unavailable
from starloop.archives.rounds import SILENT_LIMITS
from starloop.nights.calendar import Night
from starloop.sky.tables import OBJECTS

PAGE_SIZE = 100
LISTED = OBJECTS.append(pa.field("ndet", pa.int64()))
"""Rows of the objects table, and how many detections ALeRCE says each has."""

_FAR_MJD = 100000.0
_SAID_EMPTY = 4
"""How often it must be said that a page has nothing new: were it false, all objects from there on would be lost."""
_SAID_SHORT = 3
"""How often the same light curve must be said, when it may have been cut."""


@dataclass(frozen=True)
class LightCurve:
    """What is known of one object up to the end of a night.

    Parameters
    ----------
    detections, non_detections : pyarrow.Table
        Rows of the sky tables of these names, in order of time.
    """

    detections: pa.Table
    non_detections: pa.Table

    def seen_in(self, night: Night) -> bool:
        """Tell whether a detection lies in the night."""
        mjd = self.detections["mjd"]
        return bool(pc.any(pc.and_(pc.greater_equal(mjd, night.begin), pc.less(mjd, night.end))).as_py())


class Alerce:
    """The ALeRCE client on its line.

    Parameters
    ----------
    archives : Archives
        Where ALeRCE is, what it must always give, and a token for those who have one.

    Attributes
    ----------
    line : Line
        The way to ALeRCE.
    short : dict of str to int
        How many detections came of each object that has fewer than ALeRCE's list says, however often asked.
    """

    def __init__(self, archives: Archives) -> None:
        self.line = Line("ALeRCE", archives.alerce, "ALERCE")
        self._canary = archives.canaries.oid
        self._client = make_client(archives.alerce.url)
        session: requests.Session = self._client.legacy_ztf_client.session
        http.mount(self.line, session)
        if archives.credentials.alerce_token:
            session.headers["Authorization"] = f"Bearer {archives.credentials.alerce_token.get_secret_value()}"
        self._said: dict[str, list[tuple[int, int]]] = {}
        self.short: dict[str, int] = {}

    def canary(self) -> str | None:
        """Ask for an object that has detections; None where there is no such object.

        Raises
        ------
        ArchiveDown
            When it has none, or does not answer.
        """
        oid = self._canary
        if oid is None:
            return None

        def look() -> str:
            found = len(self._everything(oid)["detections"])
            if not found:
                raise Unavailable(f"no detections of {oid}, which has always had some")
            return f"{found} detections of {oid}"

        return self.line.need(look)

    def active(self, night: Night, at_most: int | None = None) -> pa.Table:
        """List the objects that may have a detection in the night: first seen before its end, last seen since.

        Parameters
        ----------
        at_most : int, optional
            Stop at so many; they are the first ones by oid.

        Returns
        -------
        pyarrow.Table
            Rows of `LISTED`, sorted by oid, none twice, without a TIC.

        Raises
        ------
        ArchiveDown
            When ALeRCE does not answer, or not with a list of objects.
        """
        found: dict[str, dict[str, Any]] = {}
        page, size = 1, PAGE_SIZE
        while True:
            items = self._believed(night, page, size, found)
            new = {item["oid"]: item for item in items if item["oid"] not in found}
            found |= new
            if not new or (at_most is not None and len(found) >= at_most):
                break
            # has_next is false on every page unless the server was asked to count, which is slow; a page that is not
            # full may be the last one or one that was cut: pages of its length tell, for they are not cut
            if len(items) < size:
                page, size = size * (page - 1) // len(items) + 1, len(items)
            page += 1
        if not found and self._canary is not None:
            self.line.need(self._look_for_canary)
        return pa.Table.from_pylist([found[oid] for oid in sorted(found)[:at_most]], schema=LISTED)

    def _believed(self, night: Night, page: int, size: int, known: Container[str]) -> list[dict[str, Any]]:
        """Give a page; one without anything new is asked for again before it is taken for the end."""
        asked = {
            "firstmjd": [0.0, night.end],
            "lastmjd": [night.begin, _FAR_MJD],
            "order_by": "oid",
            "order_mode": "ASC",
            "page": page,
            "page_size": size,
        }
        items: list[dict[str, Any]] = []
        for _ in range(_SAID_EMPTY):
            items = self.line.need(partial(self._page, **asked))
            if any(item["oid"] not in known for item in items):
                break
        return items

    def _look_for_canary(self) -> None:
        """Make sure that the list is not silent altogether."""
        if not self._page(oid=self._canary):
            raise Unavailable(f"its list does not know {self._canary}, which has always been there")

    def _page(self, **asked: Any) -> list[dict[str, Any]]:
        answer = ask_json(self._client.query_objects, survey="ztf", count="false", **asked)
        try:
            return [_listed(item) for item in answer["items"]]
        except (KeyError, TypeError, ValueError) as wrong:
            raise Unavailable(f"its list of objects is malformed: {wrong!r}") from wrong

    def light_curve(self, oid: str, night: Night, expected: int | None = None) -> LightCurve:
        """Fetch everything measured of an object before the night's end.

        Parameters
        ----------
        expected : int, optional
            How many detections ALeRCE's list says it has. Fewer are believed only when they are said again and again.

        Raises
        ------
        Unavailable
            When the answer is malformed, or lacks detections.
        Refused
            When ALeRCE does not know the object.
        ArchiveDown
            When ALeRCE does not answer.
        """
        answer = self._everything(oid)
        self._weigh(oid, len(answer["detections"]), len(answer["non_detections"]), expected)
        try:
            return LightCurve(
                detections(oid, answer["detections"], night.end), limits(oid, answer["non_detections"], night.end)
            )
        except (TypeError, ValueError, AttributeError, pa.ArrowException) as wrong:
            raise Unavailable(f"its light curve is malformed: {wrong!r}") from wrong

    def _weigh(self, oid: str, came: int, came_limits: int, expected: int | None) -> None:
        """Doubt an answer that may be cut, until it was the same several times."""
        if came == 0:
            raise Unavailable("no detections of an object that has some")
        lacking = expected is not None and came < expected
        if lacking and came in SILENT_LIMITS:
            raise Unavailable(f"cut to {came} of {expected} detections")
        if not (lacking or came_limits in SILENT_LIMITS or (expected is None and came in SILENT_LIMITS)):
            return
        said = self._said.setdefault(oid, [])
        said.append((came, came_limits))
        if said.count(said[-1]) < _SAID_SHORT:
            raise Unavailable(f"{came} of {expected} detections" if lacking else "as many rows as a silent limit")
        if lacking:
            self.short[oid] = came

    def _everything(self, oid: str) -> Mapping[str, list[dict[str, Any]]]:
        answer = ask_json(self._client.query_lightcurve, oid, survey="ztf")
        if not isinstance(answer.get("detections"), list) or not isinstance(answer.get("non_detections"), list):
            raise Unavailable("its light curve is malformed: no lists of detections and non_detections")
        return answer


def _listed(item: Any) -> dict[str, Any]:
    """Read one object of the list."""
    oid, ndet = item["oid"], item.get("ndet")
    if not isinstance(oid, str):
        raise TypeError(f"{oid!r} is no oid")
    ra, dec = float(item["meanra"]), float(item["meandec"])
    return {"oid": oid, "ra": ra, "dec": dec, "ndet": None if ndet is None else int(ndet)}
