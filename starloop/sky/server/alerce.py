"""ALeRCE's ZTF API, version 1: objects, and the alerts of one object.

Two traps of the real service are kept, for clients must survive them: without ``count=true`` there is no total and
``has_next`` is always false, and a cone at right ascension or declination exactly 0 is silently dropped.
"""

from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from starloop.sky.server.alerce_objects import known_objects, magnitude_statistics, positions, rows_of
from starloop.sky.server.answers import json_answer
from starloop.sky.server.clock import Clock, View

COUNT_LIMIT = 50_001
_ARCSEC = 1 / 3600

Range = Annotated[list[float] | None, Query()]


class Filters:
    """The filters of ``/objects``: repeated `oid`, and the ranges ``[least]`` or ``[least, most]``."""

    def __init__(
        self,
        oid: Annotated[list[str] | None, Query()] = None,
        class_: Annotated[str | None, Query(alias="class")] = None,
        classifier: str | None = None,
        classifier_version: str | None = None,
        ranking: int | None = None,
        probability: float | None = None,
        ndet: Annotated[list[int] | None, Query()] = None,
        firstmjd: Range = None,
        lastmjd: Range = None,
        ra: float | None = None,
        dec: float | None = None,
        radius: float = 30.0,
    ) -> None:
        self.oid = oid or []
        self.classified = bool(class_ or classifier or classifier_version or ranking or probability)
        self.ranges = {"ndet": ndet, "firstmjd": firstmjd, "lastmjd": lastmjd}
        self.cone = (ra, dec, radius * _ARCSEC) if ra and dec and radius else None

    def apply(self, view: View) -> pa.Table:
        """Give the objects that pass; no classifier is known here, so none passes a filter on one."""
        objects = view.derive(known_objects)
        if self.classified:
            return objects.slice(0, 0)
        if self.cone:
            objects = objects.take(pa.array(np.sort(view.derive(positions).within(*self.cone)[0])))
        if len(self.oid) == 1:
            objects = objects.filter(pc.match_like(objects["oid"], self.oid[0].replace("*", "%")))
        elif self.oid:
            objects = objects.filter(pc.is_in(objects["oid"], value_set=pa.array(self.oid)))
        for name, limits in self.ranges.items():
            if limits:
                objects = objects.filter(pc.greater_equal(objects[name], limits[0]))
            if limits and len(limits) > 1:
                objects = objects.filter(pc.less_equal(objects[name], limits[1]))
        return objects


def router(clock: Clock) -> APIRouter:
    """Serve the clock's view as ALeRCE does."""
    routes = APIRouter(prefix="/ztf/v1")

    @routes.get("/objects")
    def objects(
        filters: Annotated[Filters, Depends()],
        page: Annotated[int, Query(ge=1)] = 1,
        page_size: Annotated[int, Query(ge=1)] = 10,
        count: bool = False,
        order_by: str | None = None,
        order_mode: Literal["ASC", "DESC"] = "ASC",
    ) -> Response:
        found = filters.apply(clock.view)
        if order_by is not None and order_by not in found.column_names:
            return _refused(400, f"order_by {order_by!r} is not a column of objects", "order_by")
        if order_by is not None:
            direction = "ascending" if order_mode == "ASC" else "descending"
            found = found.sort_by([(order_by, direction), ("oid", "ascending")])
        total = min(len(found), COUNT_LIMIT) if count else None
        has_next = page * page_size < (total or 0)
        return json_answer(
            {
                "total": total,
                "page": page,
                "next": page + 1 if has_next else None,
                "has_next": has_next,
                "prev": page - 1 if page > 1 else None,
                "has_prev": page > 1,
                "items": found.slice((page - 1) * page_size, page_size).to_pylist(),
            }
        )

    @routes.get("/objects/{oid}")
    def one_object(oid: str) -> Response:
        view = clock.view
        place = pc.index(view.detections.keys, oid).as_py()
        if place < 0:
            return _unknown(oid)
        return json_answer(view.derive(known_objects).slice(place, 1).to_pylist()[0])

    @routes.get("/objects/{oid}/{part}")
    def part_of_object(
        oid: str, part: Literal["detections", "non_detections", "lightcurve", "magstats", "probabilities"]
    ) -> Response:
        view = clock.view
        detections = view.detections.of(oid)
        if not len(detections):
            return _unknown(oid)
        if part == "probabilities":
            return json_answer([])
        if part == "magstats":
            return json_answer(magnitude_statistics(detections).to_pylist())
        alerts = rows_of(detections)
        limits = view.non_detections.of(oid).drop_columns("oid").to_pylist()
        parts: dict[str, Any] = {"detections": alerts, "non_detections": limits}
        return json_answer(parts if part == "lightcurve" else parts[part])

    return routes


def _unknown(oid: str) -> Response:
    return _refused(404, f"Object {oid} not found", "oid")


def _refused(code: int, sentence: str, field: str) -> Response:
    return json_answer({"errors": {field: sentence}, "detail": sentence, "message": sentence}, status_code=code)
