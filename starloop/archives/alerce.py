"""ZTF alerts through the ALeRCE broker (Förster et al. 2021, doi:10.3847/1538-3881/abe9bc)."""

import json
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import requests
from requests.adapters import HTTPAdapter

from starloop.archives.http import Archive, Refused, Unavailable, check_status
from starloop.nights.calendar import Night
from starloop.settings import Archives
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS, OBJECTS

PAGE_SIZE = 100

_FAR_MJD = 100000.0

_CONFIGURING = threading.Lock()


@dataclass(frozen=True)
class LightCurve:
    """What ALeRCE knows of one object up to the end of a night.

    Parameters
    ----------
    detections, non_detections : pyarrow.Table
        Rows of the sky tables of these names, in order of time.
    """

    detections: pa.Table
    non_detections: pa.Table

    def seen_in(self, night: Night) -> bool:
        """Tell whether a detection lies in the night."""
        return any(mjd is not None and night.begin <= mjd < night.end for mjd in self.detections["mjd"].to_pylist())


class Alerce:
    """The ALeRCE client, told where to look and how long to wait.

    Parameters
    ----------
    archives : Archives
        Its `alerce_url` without a trailing slash.
    """

    def __init__(self, archives: Archives) -> None:
        self.archive = Archive("ALeRCE", archives.alerce_url, "STARLOOP_ARCHIVES__ALERCE_URL", archives.timeout_s)
        self._client = _client(archives)

    def active(self, night: Night) -> pa.Table:
        """List the objects that may have a detection in the night: first seen before its end, last seen since.

        Returns
        -------
        pyarrow.Table
            Rows of the objects table, sorted by oid, none twice, without a TIC.

        Raises
        ------
        ArchiveDown
            When ALeRCE does not answer, or not with a list of objects.
        """
        found: dict[str, dict[str, Any]] = {}
        page = 1
        try:
            while True:
                items = self.archive.ask(partial(self._page, night, page))
                found |= {
                    item["oid"]: {"oid": item["oid"], "ra": item["meanra"], "dec": item["meandec"]} for item in items
                }
                # has_next is false on every page unless the server was asked to count, which is slow
                if len(items) < PAGE_SIZE:
                    return pa.Table.from_pylist([found[oid] for oid in sorted(found)], schema=OBJECTS)
                page += 1
        except (Refused, KeyError, TypeError, pa.ArrowException) as wrong:
            raise self.archive.down(f"its list of objects cannot be used: {wrong!r}") from wrong

    def _page(self, night: Night, page: int) -> list[dict[str, Any]]:
        with _translated():
            answer = self._client.query_objects(
                format="json",
                survey="ztf",
                firstmjd=[0.0, night.end],
                lastmjd=[night.begin, _FAR_MJD],
                order_by="oid",
                order_mode="ASC",
                page=page,
                page_size=PAGE_SIZE,
                count="false",
            )
        items: list[dict[str, Any]] = answer["items"]
        return items

    def light_curve(self, oid: str, night: Night) -> LightCurve:
        """Fetch everything measured of an object before the night's end.

        Raises
        ------
        Refused
            When ALeRCE does not know the object or its answer is malformed.
        ArchiveDown
            When ALeRCE does not answer.
        """
        answer = self.archive.ask(partial(self._everything, oid))
        try:
            detections = [
                row | {"oid": oid, "candid": str(row["candid"])} for row in answer["detections"] if _before(night, row)
            ]
            limits = [row | {"oid": oid} for row in answer["non_detections"] if _before(night, row)]
            return LightCurve(
                pa.Table.from_pylist(detections, schema=DETECTIONS).sort_by(
                    [("mjd", "ascending"), ("candid", "ascending")]
                ),
                pa.Table.from_pylist(limits, schema=NON_DETECTIONS).sort_by(
                    [("mjd", "ascending"), ("fid", "ascending")]
                ),
            )
        except (KeyError, TypeError, pa.ArrowException) as wrong:
            raise Refused(f"its light curve is malformed: {wrong!r}") from wrong

    def _everything(self, oid: str) -> dict[str, list[dict[str, Any]]]:
        with _translated():
            answer: dict[str, list[dict[str, Any]]] = self._client.query_lightcurve(oid, format="json", survey="ztf")
        return answer


def _before(night: Night, row: dict[str, Any]) -> bool:
    """Tell whether a row was measured before the night's end; one without a time is left to the checks."""
    mjd = row.get("mjd")
    return mjd is None or mjd < night.end


class _Patient(HTTPAdapter):
    """An adapter that never waits for a socket without end, as the client's own session does."""

    def __init__(self, timeout_s: float, connections: int) -> None:
        self._timeout_s = timeout_s
        super().__init__(pool_maxsize=connections)

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        return super().send(request, *args, **(kwargs | {"timeout": self._timeout_s}))


def _client(archives: Archives) -> Any:
    """Make the client; it reads its configuration only from a file, named by the environment, when it is made."""
    from alerce.core import Alerce as Client
    from alerce.utils import load_config

    with _CONFIGURING, tempfile.TemporaryDirectory() as folder:
        before = os.environ.pop("ALERCE_CONFIG_PATH", None)
        config = load_config(None)
        config["ztf"]["ZTF_API_URL"] = archives.alerce_url
        file = Path(folder, "alerce.json")
        file.write_text(json.dumps(config))
        os.environ["ALERCE_CONFIG_PATH"] = str(file)
        try:
            client = Client()
        finally:
            del os.environ["ALERCE_CONFIG_PATH"]
            if before is not None:
                os.environ["ALERCE_CONFIG_PATH"] = before
    for scheme in ("http://", "https://"):
        client.legacy_ztf_client.session.mount(scheme, _Patient(archives.timeout_s, archives.connections))
    return client


@contextmanager
def _translated() -> Iterator[None]:
    """Say in starloop's words what the client's exceptions mean."""
    from alerce.exceptions import APIError

    try:
        yield
    except APIError as wrong:
        after = wrong.response.headers.get("retry-after") if wrong.response is not None else None
        check_status(wrong.code, after, str(wrong.message))
        raise Refused(str(wrong)) from wrong
    except requests.JSONDecodeError as wrong:
        raise Refused("its answer is not JSON") from wrong
    except requests.RequestException as wrong:
        raise Unavailable(type(wrong).__name__) from wrong
