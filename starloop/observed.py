"""One object as it is known: from the archives, or from the newest night that holds it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop import provenance
from starloop.archives.line import Refused
from starloop.endpoint import client
from starloop.errors import NotServed, UnknownObject
from starloop.features.assembly import TABLES, curves
from starloop.features.curves import OPTIONAL, complete
from starloop.features.night import KEYS
from starloop.features.releases import release_curves
from starloop.features.sphere import galactic_latitude
from starloop.features.tess_files import tess_curves
from starloop.nights import one_object
from starloop.nights.calendar import Night
from starloop.sky.tables import CATALOGUES, TESS
from starloop.workspace import Workspace


@dataclass(frozen=True)
class Observed:
    """What is known of one object.

    Parameters
    ----------
    name : str
        Its oid, or ``TIC`` and its number.
    curve : pyarrow.Table
        One row of `starloop.features.curves.SCHEMA`.
    ra, dec : float or None
        Degrees (J2000).
    tic : int or None
        Its number in the TIC.
    catalogues : pyarrow.Table
        Rows of the catalogues table.
    night : Night
        Nothing later than its end is in it.
    kept : bool
        Whether it was read from the home's night, not asked of the archives.
    """

    name: str
    curve: pa.Table
    ra: float | None
    dec: float | None
    tic: int | None
    catalogues: pa.Table
    night: Night
    kept: bool

    @property
    def points(self) -> int:
        """How many points it has, of alerts, data release and TESS together."""
        return sum(len(self.curve[name][0].as_py() or []) for name in ("mjd", "release_mjd", "tess_time"))

    def body(self) -> dict[str, Any]:
        """Give it as ``POST /classify`` takes it."""
        row = self.curve.to_pylist()[0]
        told = {name: value for name, value in row.items() if name != "oid" and value is not None}
        if "tess_err" in told:
            told["tess_err"] = [None if one is None or np.isnan(one) else one for one in told["tess_err"]]
        return {"id": self.name, **told}


def observe(place: Workspace, name: str, *, catalogues: bool = False) -> Observed:
    """Ask the archives of the sky about an object, as they stand at the last night.

    Parameters
    ----------
    place : Workspace
        Its sky is asked.
    name : str
        A ZTF oid or a TIC number.
    catalogues : bool
        Ask what catalogues have at its position, too.

    Raises
    ------
    BadInput
        When it is no object's name; `UnknownObject` when there is nothing of it to classify.
    ArchiveDown
        When an archive does not answer.
    """
    name = one_object.named(name)
    with place.archives(place.last) as archives:
        try:
            tables = one_object.fetch(archives, name, place.last, place.home.tess_files)
        except Refused as why:
            raise UnknownObject(f"{name} cannot be classified, it is refused for the sky {place.name}: {why}") from None
        if catalogues:
            tables["catalogues"] = one_object.catalogues(archives, tables["objects"])
    return _of(place, name, tables, place.last, kept=False)


def kept(place: Workspace, name: str) -> Observed | None:
    """Give an object as the newest night that fetched it holds it; None where none did."""
    name = one_object.named(name)
    night = provenance.last_night_of(place.home, name)
    if night is None or not (place.home.good(night) / "detections.parquet").is_file():
        return None
    good = place.home.good(night)
    keys = {**KEYS, "catalogues": "oid"}
    tables = {
        table: pq.read_table(good / f"{table}.parquet", filters=[(keys[table], "=", name)])
        for table in (*TABLES, "catalogues")
        if table != "tess"
    }
    number = tables["objects"]["tic"][0].as_py() if tables["objects"].num_rows else None
    tables["tess"] = (
        TESS.empty_table() if number is None else pq.read_table(good / "tess.parquet", filters=[("tic", "=", number)])
    )
    return _of(place, name, tables, night, kept=True) if tables["detections"].num_rows else None


def ask(place: Workspace, name: str) -> dict[str, Any]:
    """Fetch an object's light curve and give the endpoint's answer, with its ``url`` and the ``points`` it was sent.

    Raises
    ------
    BadInput
        When it is no object's name; `NotServed` when no endpoint runs; `UnknownObject` when there is nothing of it to
        classify.
    ArchiveDown
        When an archive does not answer.
    """
    url = serving(place)
    found = observe(place, name)
    return {**client.classify(url, [found.body()])[0], "url": url, "points": found.points}


def serving(place: Workspace) -> str:
    """Give the address of the endpoint; raise `NotServed` when none runs."""
    served = place.endpoint()
    if served is None:
        raise NotServed(f"no endpoint runs for the sky {place.name}: run `starloop nightly` or `starloop deploy` first")
    return served.url


def _of(place: Workspace, name: str, tables: one_object.Tables, night: Night, *, kept: bool) -> Observed:
    rows = _curve(tables, place) if one_object.tic(name) is None else _star(name, tables, place)
    if not rows.num_rows or not any(rows[key][0].as_py() for key in ("mjd", "release_mjd", "tess_time")):
        raise UnknownObject(f"{name} has no usable detections in the sky {place.name}: there is nothing to classify")
    (where,) = tables["objects"].to_pylist() or [{"ra": None, "dec": None, "tic": None}]
    catalogues = tables.get("catalogues", CATALOGUES.empty_table())
    return Observed(name, rows, where["ra"], where["dec"], where["tic"], catalogues, night, kept)


def _curve(tables: one_object.Tables, place: Workspace) -> pa.Table:
    return curves(tables, place.home.tess_files)


def _star(name: str, tables: one_object.Tables, place: Workspace) -> pa.Table:
    """Make the light curve of a star without alerts."""
    oids, objects = pa.array([name]), tables["objects"]
    none = {key: pa.array([[]], OPTIONAL.field("release_mjd").type) for key in ("mjd", "mag", "err")}
    latitude = galactic_latitude(objects["ra"].to_numpy(), objects["dec"].to_numpy())
    columns = {
        "oid": oids,
        **none,
        "band": pa.array([[]], OPTIONAL.field("release_band").type),
        **release_curves(tables["releases"], objects, oids),
        **tess_curves(tables["tess"], objects, oids, place.home.tess_files),
        "galactic_latitude": pa.array(latitude, from_pandas=True),
    }
    return complete(pa.table(columns))
