"""Where data came from: the nights of a data set, the archive requests of a night, the rows of an object."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from starloop import pipeline
from starloop.features.night import KEYS
from starloop.nights.calendar import Night
from starloop.nights.store import Home

_KEYS = {**KEYS, "catalogues": "oid"}
"""The column that names the object, in a night's tables."""
_FROM = {"releases": ("IRSA",), "catalogues": ("BTS", "CDS XMatch"), "tess": ("MAST",)}
"""The archives a table comes from; the others are ALeRCE's, or of alert packets."""


def dataset(home: Home, md5: str, night: str) -> dict[str, Any]:
    """Tell which nights a data set was made of, and how it is restored.

    Parameters
    ----------
    home : Home
        Its kept locks are searched.
    md5 : str
        Of the data set, as DVC knows it.
    night : str
        The last night it may hold; its lock is looked at first.

    Returns
    -------
    dict
        ``md5``; ``lock``, the night's dvc.lock that restores it, None where no lock names it; ``nights``, None where
        the list is in no cache; ``archives``, what was asked for these nights, as `requests` gives it.
    """
    first = home.lock(Night.parse(night))
    others = sorted(set(first.parent.glob("*.dvc.lock")) - {first}, reverse=True)
    for lock in (path for path in (first, *others) if path.is_file()):
        outs = _outs(lock)
        if outs.get(home.dataset.name) == md5:
            nights = _members(home, outs.get(home.features.name, ""))
            asked = requests(home, nights) if nights is not None else None
            return {"md5": md5, "lock": str(lock), "nights": nights, "archives": asked}
    return {"md5": md5, "lock": None, "nights": None, "archives": None}


def requests(home: Home, nights: list[str]) -> dict[str, dict[str, Any]]:
    """Add up what each archive was asked for nights: ``url``, ``requests`` and ``received_bytes`` by archive."""
    asked: dict[str, dict[str, Any]] = {}
    for night in nights:
        record = home.fetch_cost(Night.parse(night))
        told = json.loads(record.read_text())["archives"] if record.is_file() else {}
        for archive, cost in told.items():
            sums = asked.setdefault(archive, {"url": cost["url"], "requests": 0, "received_bytes": 0})
            for name in ("requests", "received_bytes"):
                sums[name] += cost[name]
    return asked


def last_night_of(home: Home, oid: str) -> Night | None:
    """Give the newest night in which an object was fetched, None where it never was."""
    for path in sorted((home.root / "raw").glob("????-??-??/objects.parquet"), reverse=True):
        if pq.read_table(path, columns=["oid"], filters=[("oid", "=", oid)]):
            return Night.parse(path.parent.name)
    return None


def fetched(home: Home, night: Night, oid: str) -> dict[str, Any]:
    """Tell what came for an object of a night, and from where.

    Returns
    -------
    dict
        ``night``; ``tables``: name to ``from`` (archives), rows ``received``, ``accepted`` (passed the checks);
        ``matches``: which entries of which archive it is, with ``arcsec``; ``failures``: source to why its request
        failed; ``archives``: what they were asked for the whole night.
    """
    raw, tic = home.raw(night), _tic(home, night, oid)
    asked = requests(home, [str(night)])
    alerts = ("ALeRCE",) if "ALeRCE" in asked else ("alert packets",)
    keys: dict[str, tuple[str, Any]] = {table: (column, oid) for table, column in _KEYS.items()}
    if (raw / "forced.parquet").is_file():
        keys["forced"] = ("oid", oid)
    if tic is not None:
        keys["tess"] = ("tic", tic)
    tables = {
        table: {
            "from": list(_FROM.get(table, alerts)),
            "received": _rows(raw / f"{table}.parquet", *key),
            "accepted": _rows(home.good(night) / f"{table}.parquet", *key),
        }
        for table, key in keys.items()
    }
    counts = raw / "counts.json"
    sources = json.loads(counts.read_text())["sources"] if counts.is_file() else {}
    failures = {
        source: told["failures"][key]
        for source, told in sources.items()
        for key in (oid, str(tic))
        if key in told.get("failures", {})
    }
    return {
        "night": str(night),
        "tables": tables,
        "matches": _matches(raw / "matches.parquet", oid),
        "failures": failures,
        "archives": asked,
    }


def _rows(path: Path, column: str, value: Any) -> int | None:
    if not path.is_file() or column not in pq.read_schema(path).names:
        return None
    return int(pq.read_table(path, columns=[column], filters=[(column, "=", value)]).num_rows)


def _tic(home: Home, night: Night, oid: str) -> int | None:
    path = home.raw(night) / "objects.parquet"
    if not path.is_file():
        return None
    known: list[int | None] = pq.read_table(path, columns=["tic"], filters=[("oid", "=", oid)])["tic"].to_pylist()
    return known[0] if known else None


def _matches(path: Path, oid: str) -> list[dict[str, Any]]:
    """Give the object's entries in every archive, through the source they are all matched to."""
    if not path.is_file():
        return []
    mine = pq.read_table(path, filters=[("archive", "=", "ZTF"), ("identifier", "=", oid)])["source"]
    if not len(mine):
        return []
    rows: pa.Table = pq.read_table(path, filters=[("source", "=", mine[0].as_py())])
    told: list[dict[str, Any]] = rows.select(["archive", "identifier", "arcsec"]).to_pylist()
    return told


def _outs(lock: Path) -> dict[str, str]:
    told = yaml.safe_load(lock.read_text()) or {}
    return {out["path"]: out["md5"] for stage in told.get("stages", {}).values() for out in stage.get("outs", [])}


def _members(home: Home, md5: str) -> list[str] | None:
    """Give the nights of a folder DVC has in its cache; None where it is not there."""
    listed = pipeline.cached(home, md5)
    if not md5 or not listed.is_file():
        return None
    return sorted(Path(member["relpath"]).stem for member in json.loads(listed.read_text()))
