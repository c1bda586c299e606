"""Ask the running endpoint about one object of the sky."""

from typing import Any

import pyarrow as pa

from starloop.archives.alerce import Alerce
from starloop.archives.config import Archives
from starloop.archives.irsa import Irsa
from starloop.archives.line import Refused
from starloop.endpoint import client
from starloop.errors import BadInput
from starloop.features.assembly import curves
from starloop.nights.calendar import Night
from starloop.sky.tables import OBJECTS, TESS
from starloop.workspace import Workspace


def ask(place: Workspace, oid: str) -> dict[str, Any]:
    """Fetch what ALeRCE and IRSA have of the object, as a night would, and give the endpoint's answer.

    TESS is not asked, so its features are missing from the answer's.

    Raises
    ------
    BadInput
        When no endpoint runs, or the object has no usable photometry.
    ArchiveDown
        When an archive does not answer.
    """
    served = place.endpoint()
    if served is None:
        raise BadInput(f"no endpoint runs for the sky {place.name}: run `starloop nightly` or `starloop deploy` first")
    with place.archives(place.last) as archives:
        try:
            found = _fetched(archives, oid, place.last)
        except Refused as why:
            raise BadInput(f"{oid} cannot be classified, it is refused for the sky {place.name}: {why}") from None
    rows = curves(found, place.home.tess_files).to_pylist()
    if not rows or not rows[0]["mjd"]:
        raise BadInput(f"{oid} has no usable detections in the sky {place.name}: there is nothing to classify")
    body = {"id": oid, **{name: value for name, value in rows[0].items() if name != "oid" and value is not None}}
    return {**client.classify(served.url, [body])[0], "url": served.url, "points": len(rows[0]["mjd"])}


def _fetched(archives: Archives, oid: str, night: Night) -> dict[str, pa.Table]:
    alerce = Alerce(archives)
    found = alerce.line.ask(lambda: alerce.light_curve(oid, night))
    positions = found.detections.select(["ra", "dec"]).drop_null().slice(0, 1).to_pylist()
    if not positions:
        raise BadInput(f"{oid} cannot be classified: no detection of it has a position")
    ra, dec = positions[0]["ra"], positions[0]["dec"]
    with Irsa(archives) as irsa:
        releases = irsa.line.ask(lambda: irsa.epochs(oid, ra, dec, night))
    return {
        "detections": found.detections,
        "non_detections": found.non_detections,
        "releases": releases,
        "objects": pa.table({"oid": [oid], "ra": [ra], "dec": [dec], "tic": [None]}, schema=OBJECTS),
        "tess": TESS.empty_table(),
    }
