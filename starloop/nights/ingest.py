"""Ingesting a night: everything the archives say of the objects that were active in it, sealed as a whole.

A night is fetched beside its place, in ``fetching/<night>/``: what was answered waits there, however the run ends. It
moves to its place, ``raw/<night>/``, when all is there but a few objects. Those stay failed in the ledger, and the
next run of the night asks for them, and for nothing else.
"""

import json
import os
import shutil
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.archives.config import Archives
from starloop.archives.packet_rows import FORCED
from starloop.errors import ArchiveDown, BadInput
from starloop.nights.calendar import Night
from starloop.nights.confirm import CONFIRMED
from starloop.nights.counting import counts
from starloop.nights.fetch import Fetch
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.matches import match
from starloop.nights.progress import Progress, cost
from starloop.nights.spool import Spool
from starloop.nights.store import Home, digest, write_json, write_table
from starloop.sky.tables import TABLES

FAILING_SHARE = 0.02
"""The share of a source's objects that may be missing from a night that is sealed."""


def ingest(home: Home, night: Night, sky: str, archives: Archives, progress: Progress) -> Path:
    """Fetch a night into the raw store, or what it still lacks.

    Parameters
    ----------
    sky : str
        The sky's name, for the ledger.
    progress : callable
        Told how far each source has come.

    Returns
    -------
    Path
        The folder with the tables, the FITS files in tess/, and counts.json, a ledger still without the checks. Beside
        it, ``<night>.sha256`` seals it and ``<night>.fetch.json`` says what it cost.

    Raises
    ------
    BadInput
        When the night is there, but was changed since it was fetched; or an archive does not accept a credential.
    ArchiveDown
        When an archive does not answer, or not about too many objects. The night is not touched; what did come is
        kept for the next run.
    """
    folder, under_way = home.raw(night), home.fetching(night)
    if folder.exists():
        if not under_way.exists():
            check_seal(home, night)
        if not any(source.failed for source in Ledger.load(folder / "counts.json").sources.values()):
            shutil.rmtree(under_way, ignore_errors=True)
            check_seal(home, night)
            return folder
    under_way.mkdir(parents=True, exist_ok=True)
    with Spool(under_way / "answers.sqlite") as spool:
        fetch = Fetch(spool, archives, night, home.tess_files, progress, home.sample)
        _run(fetch, home, night)
        staged = under_way / "night"
        shutil.rmtree(staged, ignore_errors=True)
        _stage(staged, fetch, home, sky)
    _seal(home, night, staged)
    if not any(fetch.failures.values()):
        shutil.rmtree(under_way)
    return folder


def check_seal(home: Home, night: Night) -> None:
    """Make sure that a night is as it was when it was sealed.

    Raises
    ------
    BadInput
        When it is not.
    """
    folder, seal = home.raw(night), home.seal(night)
    if not (folder / "counts.json").is_file() or not seal.is_file() or seal.read_text().strip() != digest(folder):
        raise BadInput(
            f"{folder} was changed after it was ingested: restore it (dvc checkout), or delete it to fetch it again"
        )


def _run(fetch: Fetch, home: Home, night: Night) -> None:
    """Ask the archives; what it cost is kept whether or not they answer."""
    began = time.monotonic()
    try:
        fetch.run()
    finally:
        record = home.fetch_cost(night)
        before = json.loads(record.read_text()) if record.is_file() else {}
        write_json(cost(fetch.lines, before, time.monotonic() - began) | {"short": fetch.short}, record)
    if fetch.down:
        raise fetch.down[0]
    for source, failures in fetch.failures.items():
        if len(failures) > FAILING_SHARE * len(fetch.requested[source]):
            first, reason = min(failures.items())
            raise ArchiveDown(
                f"{len(failures)} of {len(fetch.requested[source])} {source} of {night} could not be fetched "
                f"({first} first: {reason}): run the night again, only these are asked for"
            )


def _stage(into: Path, fetch: Fetch, home: Home, sky: str) -> None:
    """Write the night beside its place."""
    spool = fetch.spool
    stars = fetch.stars()
    tics = dict(zip(stars["oid"].to_pylist(), stars["tic"].to_pylist(), strict=True))
    objects = [row | {"tic": tics.get(row["oid"])} for row in fetch.objects().to_pylist()]
    catalogues = spool.read(fetch.catalogue_source(), "catalogues", TABLES["catalogues"])
    tables = {
        "objects": pa.Table.from_pylist(objects, schema=TABLES["objects"]),
        "detections": spool.read("alerts", "detections", TABLES["detections"]),
        "non_detections": spool.read("alerts", "non_detections", TABLES["non_detections"]),
        "releases": spool.read(CONFIRMED, "releases", TABLES["releases"]),
        "tess": spool.read("tess", "tess", TABLES["tess"]).sort_by([("tic", "ascending"), ("filename", "ascending")]),
        "catalogues": catalogues.sort_by(
            [(column, "ascending") for column in ("oid", "catalogue", "name", "ra", "dec", "type")]
        ),
    }
    if fetch.archives.packets is not None:
        tables["forced"] = spool.read("alerts", "forced", FORCED)
    counted = counts(fetch, tables)
    ledger = Ledger(night=str(fetch.night), sky=sky, sources=counted).answered()
    into.mkdir(parents=True)
    for name, table in sorted(tables.items()):
        _write(table, into / f"{name}.parquet", counted[name])
    write_table(match(tables, stars, fetch.archives.collection), into / "matches.parquet")
    for name in tables["tess"]["filename"].to_pylist():
        (into / "tess").mkdir(exist_ok=True)
        _link(home.tess_files / name, into / "tess" / name)
    ledger.save(into / "counts.json")


def _write(table: pa.Table, path: Path, counted: Counts) -> None:
    write_table(table, path)
    if pq.read_metadata(path).num_rows != counted.rows_received:
        raise BadInput(f"{path} does not hold the {counted.rows_received} rows that came: check the disk")


def _link(file: Path, into: Path) -> None:
    """Share the file's bytes where the file system can."""
    try:
        os.link(file, into)
    except OSError:
        shutil.copyfile(file, into)


def _seal(home: Home, night: Night, staged: Path) -> None:
    """Move a staged night to its place; one that was there with fewer answers goes."""
    folder, seal = home.raw(night), home.seal(night)
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = seal.with_name(f".{seal.name}")
    beside.write_text(f"{digest(staged)}\n")
    if folder.exists():
        shutil.rmtree(folder)
    beside.replace(seal)
    staged.rename(folder)
