"""Ask the running endpoint about one object of the sky."""

from typing import Any

import pyarrow as pa

from starloop.archives.alerce import Alerce
from starloop.archives.line import Refused
from starloop.endpoint import client, switch
from starloop.errors import BadInput
from starloop.features.photometry import light_curves
from starloop.features.releases import upper_limits
from starloop.features.sphere import galactic_latitude
from starloop.workspace import Workspace


def ask(place: Workspace, oid: str) -> dict[str, Any]:
    """Fetch the object's whole light curve and give the endpoint's answer.

    Raises
    ------
    BadInput
        When no endpoint runs, or the object has no usable photometry.
    """
    served = switch.current(place.home)
    if served is None:
        raise BadInput(f"no endpoint runs for the sky {place.name}: run `starloop nightly` or `starloop deploy` first")
    with place.archives(place.last) as archives:
        alerce = Alerce(archives)
        try:
            found = alerce.line.ask(lambda: alerce.light_curve(oid, place.last))
        except Refused as why:
            raise BadInput(f"{oid} cannot be classified, ALeRCE refuses it for the sky {place.name}: {why}") from None
    curves = light_curves(found.detections)
    if curves.num_rows == 0:
        raise BadInput(f"{oid} has no usable detections in the sky {place.name}: there is nothing to classify")
    limits = upper_limits(found.non_detections, curves["oid"].combine_chunks())
    positions = found.detections.select(["ra", "dec"]).drop_null().slice(0, 1)
    (row,) = pa.table({**{name: curves[name] for name in curves.column_names}, **limits}).to_pylist()
    body = {"id": row.pop("oid"), **row}
    if len(positions):
        body["galactic_latitude"] = float(galactic_latitude(positions["ra"].to_numpy(), positions["dec"].to_numpy())[0])
    return {**client.classify(served.url, [body])[0], "url": served.url, "points": len(row["mjd"])}
