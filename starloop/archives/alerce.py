"""ZTF alerts through the ALeRCE broker (Förster et al. 2021, doi:10.3847/1538-3881/abe9bc)."""

import json
import os
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import requests

from starloop.archives import http
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
"""How often an empty page must be said: were it false, all objects from there on would be lost."""
_SAID_SHORT = 3

_CONFIGURING = threading.Lock()


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
    """

    def __init__(self, archives: Archives) -> None:
        self.line = Line("ALeRCE", archives.alerce, "ALERCE")
        self._canary = archives.canaries.oid
        self._client = _client(archives.alerce.url)
        session: requests.Session = self._client.legacy_ztf_client.session
        http.mount(self.line, session)
        if archives.credentials.alerce_token:
            session.headers["Authorization"] = f"Bearer {archives.credentials.alerce_token.get_secret_value()}"
        self._short: dict[str, list[int]] = {}

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
        while items := self._believed(night, page, size):
            found |= {item["oid"]: item for item in items}
            if at_most is not None and len(found) >= at_most:
                break
            if len(items) < size and len(items) not in SILENT_LIMITS:
                break
            # has_next is false on every page unless the server was asked to count, which is slow
            if len(items) < size:  # as long as a server's silent limit: go on with pages of that length
                page, size = size * (page - 1) // len(items) + 1, len(items)
            page += 1
        return pa.Table.from_pylist([found[oid] for oid in sorted(found)[:at_most]], schema=LISTED)

    def _believed(self, night: Night, page: int, size: int) -> list[dict[str, Any]]:
        """Give a page; an empty one is asked for again before it is taken for the end."""
        items: list[dict[str, Any]] = []
        for _ in range(_SAID_EMPTY):
            items = self.line.need(partial(self._page, night, page, size))
            if items:
                break
        return items

    def _page(self, night: Night, page: int, size: int) -> list[dict[str, Any]]:
        answer = _json(
            self._client.query_objects,
            survey="ztf",
            firstmjd=[0.0, night.end],
            lastmjd=[night.begin, _FAR_MJD],
            order_by="oid",
            order_mode="ASC",
            page=page,
            page_size=size,
            count="false",
        )
        try:
            return [
                {"oid": str(item["oid"]), "ra": item["meanra"], "dec": item["meandec"], "ndet": item.get("ndet")}
                for item in answer["items"]
            ]
        except (KeyError, TypeError) as wrong:
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
        came = len(answer["detections"])
        if came == 0:
            raise Unavailable("no detections of an object that has some")
        if expected is not None and came < expected:
            said = self._short.setdefault(oid, [])
            said.append(came)
            if said.count(came) < _SAID_SHORT:
                raise Unavailable(f"{came} of {expected} detections")
        try:
            return LightCurve(
                detections(oid, answer["detections"], night.end), limits(oid, answer["non_detections"], night.end)
            )
        except (KeyError, TypeError, ValueError, AttributeError, pa.ArrowException) as wrong:
            raise Unavailable(f"its light curve is malformed: {wrong!r}") from wrong

    @property
    def short(self) -> dict[str, int]:
        """How many detections came of each object that has fewer than ALeRCE's list says, however often asked."""
        return {oid: said[-1] for oid, said in self._short.items() if said.count(said[-1]) >= _SAID_SHORT}

    def _everything(self, oid: str) -> Mapping[str, list[dict[str, Any]]]:
        answer = _json(self._client.query_lightcurve, oid, survey="ztf")
        if not isinstance(answer.get("detections"), list) or not isinstance(answer.get("non_detections"), list):
            raise Unavailable("its light curve is malformed: no lists of detections and non_detections")
        return answer


def _json(ask: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Ask for JSON; the client's tables lose and multiply rows."""
    try:
        answer = ask(*args, format="json", **kwargs)
    except requests.JSONDecodeError as wrong:
        raise Unavailable("its answer is not JSON") from wrong
    if not isinstance(answer, dict):
        raise Unavailable("its answer is not an object of JSON")
    return answer


def _client(url: str) -> Any:
    """Make the client; it reads its configuration only from a file, named by the environment, when it is made."""
    from alerce.core import Alerce as Client
    from alerce.utils import load_config

    with _CONFIGURING, tempfile.TemporaryDirectory() as folder:
        before = os.environ.pop("ALERCE_CONFIG_PATH", None)
        config = load_config(None)
        config["ztf"]["ZTF_API_URL"] = url
        file = Path(folder, "alerce.json")
        file.write_text(json.dumps(config))
        os.environ["ALERCE_CONFIG_PATH"] = str(file)
        try:
            return Client()
        finally:
            del os.environ["ALERCE_CONFIG_PATH"]
            if before is not None:
                os.environ["ALERCE_CONFIG_PATH"] = before
