"""Small alert packets in the shape of ZTF's, written as files."""

from pathlib import Path
from typing import Any

import fastavro

from starloop.nights.calendar import Night

NIGHT = Night.parse("2023-10-12")
JD = NIGHT.begin + 2400000.5

Row = dict[str, Any]


def fields_of(**types: Any) -> list[Row]:
    return [{"name": name, "type": kind} for name, kind in types.items()]


def record(name: str, fields: list[Row], namespace: str = "ztf.alert") -> Row:
    return {"type": "record", "name": name, "namespace": namespace, "fields": fields}


def _schema(version: str) -> Row:
    """Give the shape of ZTF's schemas: in 4 null comes first in a union, and forced photometry is added."""
    four = version.startswith("4")

    def may(kind: Any) -> list[Any]:
        return ["null", kind] if four else [kind, "null"]

    exposure = fields_of(jd="double", fid="int", programid="int", diffmaglim=may("float"))
    measured = fields_of(**dict.fromkeys(("sigmapsf", "rb", "distnr"), may("float")))
    own = fields_of(candid="long", isdiffpos="string", ra="double", dec="double", magpsf="float", drb=may("float"))
    names = {"candid": "long", "isdiffpos": "string", "ra": "double", "dec": "double", "magpsf": "float"}
    earlier = fields_of(**{name: may(kind) for name, kind in names.items()})
    epoch = fields_of(
        field=may("int"),
        rcid=may("int"),
        ranr="double",
        **dict.fromkeys(("forcediffimflux", "forcediffimfluxunc", "magzpsci", "magnr"), may("float")),
        procstatus=may("string"),
    )
    stamp = record("cutout", fields_of(fileName="string", stampData="bytes"))
    fields = fields_of(schemavsn="string", objectId="string", candid="long")
    fields += fields_of(candidate=record("candidate", exposure + measured + own))
    history = {"type": "array", "items": record("prv_candidate", exposure + measured + earlier)}
    fields += [{"name": "prv_candidates", "type": may(history), "default": None if four else []}]
    if four:
        forced = {"type": "array", "items": record("fp_hist", exposure + epoch)}
        fields += [{"name": "fp_hists", "type": may(forced), "default": None}]
    return record("alert", [*fields, {"name": "cutoutScience", "type": may(stamp)}], "ztf")


SCHEMAS = {version: fastavro.parse_schema(_schema(version)) for version in ("3.3", "4.02")}


def detection(candid: int, jd: float = JD, **values: Any) -> Row:
    row = {"candid": candid, "jd": jd, "fid": 1, "programid": 1, "magpsf": 18.5, "sigmapsf": 0.125, "isdiffpos": "t"}
    return row | {"ra": 10.0, "dec": 20.0, "rb": 0.75, "drb": None, "distnr": 0.5, "diffmaglim": 20.5} | values


def limit(jd: float, **values: Any) -> Row:
    return {"jd": jd, "fid": 1, "programid": 1, "diffmaglim": 20.25} | values


def epoch(jd: float, **values: Any) -> Row:
    row = {"jd": jd, "fid": 1, "programid": 1, "field": 505, "rcid": 0, "diffmaglim": 20.5, "ranr": -99999.0}
    flux = {"forcediffimflux": 250.0, "forcediffimfluxunc": 12.5, "magzpsci": 26.25, "magnr": 17.0, "procstatus": "0"}
    return row | flux | values


def packet(candidate: Row, history: list[Row] | None = None, oid: str = "ZTF23a", **more: Any) -> Row:
    stamp = {"fileName": "stamp.fits.gz", "stampData": b"\x1f\x8b" * 50}
    facts = {"schemavsn": "4.02", "objectId": oid, "candid": candidate["candid"], "cutoutScience": stamp}
    return facts | {"candidate": candidate, "prv_candidates": history} | more


def write(path: Path, *packets: Row, version: str = "4.02", codec: str = "null") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        fastavro.writer(file, SCHEMAS[version], packets, codec=codec)
    return path
