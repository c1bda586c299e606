"""The server's clock: the sky as it was known at the end of a night."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.nights.calendar import Night
from starloop.sky.server.grouped import Grouped
from starloop.sky.tables import Sky

T = TypeVar("T")

_SORTED_BY = {
    "detections": ["oid", "mjd", "candid"],
    "non_detections": ["oid", "mjd", "fid"],
    "releases": ["oid", "mjd"],
    "tess": ["tic", "sector", "obs_id"],
    "catalogues": ["catalogue", "name", "oid"],
}
_TAKEN_AT = {"detections": "mjd", "non_detections": "mjd", "releases": "mjd", "tess": "t_max"}
_FIRST_OBSID = 60_000_000


@dataclass(frozen=True)
class View:
    """The tables as seen at the end of one night.

    Three things are timeless: the catalogues, the objects' own positions, and `stars` (tic, ra, dec), the TESS Input
    Catalog. Like the real one, it was there before the survey, so every star of the sky is in it on every night.
    `tess` has one column more, `obsid`: MAST's number of an observation, which must not depend on the night.
    """

    detections: Grouped
    non_detections: Grouped
    releases: Grouped
    tess: pa.Table
    objects: pa.Table
    stars: pa.Table
    catalogues: pa.Table
    _derived: dict[Callable[..., Any], Any] = field(default_factory=dict)

    def derive(self, make: Callable[["View"], T]) -> T:
        """Give what `make` makes of this view; it is made once."""
        if make not in self._derived:
            self._derived[make] = make(self)
        made: T = self._derived[make]
        return made


class Clock:
    """A sky, and the night the server stands at; None is after the last one.

    Parameters
    ----------
    sky : Sky
        Read once, when the clock is made.
    as_of : Night, optional
        Rows of later nights are hidden.
    """

    def __init__(self, sky: Sky, as_of: Night | None) -> None:
        self.sky = sky
        self._tables = {name: _sorted(sky, name) for name in _SORTED_BY}
        tess = self._tables["tess"]
        self._tables["tess"] = tess.append_column("obsid", pa.array(_FIRST_OBSID + np.arange(len(tess))))
        self._objects = sky.read("objects").sort_by("oid")
        self._stars = _stars(self._objects, tess)
        self.move(as_of)

    def move(self, as_of: Night | None) -> None:
        """Stand at another night. Requests under way still see the old one, whole."""
        self._now = (as_of, self._seen(as_of))

    @property
    def as_of(self) -> Night | None:
        """The night the server stands at."""
        return self._now[0]

    @property
    def view(self) -> View:
        """The tables as seen at the end of that night."""
        return self._now[1]

    def _seen(self, as_of: Night | None) -> View:
        seen = dict(self._tables)
        if as_of is not None:
            for name, taken in _TAKEN_AT.items():
                seen[name] = seen[name].filter(pc.less(seen[name][taken], as_of.end))
        return View(
            detections=Grouped(seen["detections"], "oid"),
            non_detections=Grouped(seen["non_detections"], "oid"),
            releases=Grouped(seen["releases"], "oid"),
            tess=seen["tess"],
            objects=self._objects,
            stars=self._stars,
            catalogues=seen["catalogues"],
        )


def _sorted(sky: Sky, name: str) -> pa.Table:
    keys = [(key, "ascending") for key in _SORTED_BY[name]]
    return sky.read(name).sort_by(keys).combine_chunks()


def _stars(objects: pa.Table, tess: pa.Table) -> pa.Table:
    columns = ["tic", "ra", "dec"]
    told = pa.concat_tables([objects.select(columns), tess.select(columns)])
    by_number = told.filter(pc.is_valid(told["tic"])).group_by("tic", use_threads=False)
    stars = by_number.aggregate([("ra", "first"), ("dec", "first")]).sort_by("tic")
    return stars.rename_columns(columns)
