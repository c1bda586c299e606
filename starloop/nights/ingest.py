"""Ingesting a night: everything the archives say of the objects that were active in it, as it was received."""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.archives import catalogues, mast, tess
from starloop.archives.alerce import Alerce, LightCurve
from starloop.archives.http import Refused
from starloop.archives.irsa import Irsa
from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, digest, write_table
from starloop.settings import Archives
from starloop.sky.tables import TABLES

Progress = Callable[[str, int, int], None]

TIC_BRIGHTER_THAN = 15.0
"""Median corrected magnitude under which an object is looked for in the TIC: fainter ones have no SPOC light curve."""

_INVALID_MAG = 99.0


def ingest(home: Home, night: Night, sky: str, archives: Archives, progress: Progress) -> Path:
    """Fetch a night into the raw store, unless it is there.

    Parameters
    ----------
    sky : str
        The sky's name, for the ledger.
    progress : callable
        Told the archive's name, how many requests are answered, and how many there are.

    Returns
    -------
    Path
        The folder with the six tables, the FITS files in tess/, and counts.json, a ledger still without the checks.

    Raises
    ------
    BadInput
        When the night is there, but was changed since it was fetched.
    ArchiveDown
        When an archive does not answer; nothing of the night is left then.
    """
    folder = home.raw(night)
    seal = folder.with_name(f"{night}.sha256")
    if folder.exists():
        if not (folder / "counts.json").is_file() or not seal.is_file() or seal.read_text().strip() != digest(folder):
            raise BadInput(
                f"{folder} was changed after it was ingested: restore it (dvc checkout), or delete it to fetch it again"
            )
        return folder
    partial_folder = folder.with_name(f".{night}.partial")
    shutil.rmtree(partial_folder, ignore_errors=True)
    partial_folder.mkdir(parents=True)
    try:
        _fetch(partial_folder, sky, night, archives, progress)
        seal.write_text(f"{digest(partial_folder)}\n")
        partial_folder.rename(folder)
    finally:
        shutil.rmtree(partial_folder, ignore_errors=True)
    return folder


def _fetch(into: Path, sky: str, night: Night, archives: Archives, progress: Progress) -> None:
    """Ask the archives, one after another, and write what they said."""
    counts: dict[str, Counts] = {}
    tables = _alerts(night, archives, progress, counts)
    tables["releases"] = _releases(tables["objects"], night, archives, progress, counts)
    tables["catalogues"] = _catalogues(tables["objects"], archives, progress, counts)
    tables["objects"] = _stars(tables, archives, progress, counts)
    tables["tess"] = _tess(tables["objects"], night, archives, into / "tess", progress, counts)
    for name, table in sorted(tables.items()):
        path = into / f"{name}.parquet"
        write_table(table, path)
        if pq.read_metadata(path).num_rows != counts[name].rows_received:
            raise BadInput(f"{path} does not hold the {counts[name].rows_received} rows that came: check the disk")
    Ledger(night=str(night), sky=sky, sources=counts).save(into / "counts.json")


def _alerts(night: Night, archives: Archives, progress: Progress, counts: dict[str, Counts]) -> dict[str, pa.Table]:
    """Fetch the light curves of the objects ALeRCE lists; keep those with a detection in the night."""
    alerce = Alerce(archives)
    listed = alerce.active(night)
    answers, failures = alerce.archive.each(
        listed["oid"].to_pylist(),
        partial(alerce.light_curve, night=night),
        archives.connections,
        partial(progress, alerce.archive.name),
    )
    kept: dict[str, LightCurve] = {oid: curve for oid, curve in answers.items() if curve.seen_in(night)}
    tables = {
        "objects": listed.filter(pa.array([oid in kept for oid in listed["oid"].to_pylist()], pa.bool_())),
        "detections": _joined("detections", [curve.detections for curve in kept.values()]),
        "non_detections": _joined("non_detections", [curve.non_detections for curve in kept.values()]),
    }
    for name in ("objects", "detections"):
        quiet = len(answers) - len(kept)
        counts[name] = _counts(listed.num_rows, len(kept), quiet, tables[name].num_rows, failures)
    limited = sum(curve.non_detections.num_rows > 0 for curve in kept.values())
    counts["non_detections"] = _counts(len(kept), limited, len(kept) - limited, tables["non_detections"].num_rows, {})
    return tables


def _releases(
    objects: pa.Table, night: Night, archives: Archives, progress: Progress, counts: dict[str, Counts]
) -> pa.Table:
    """Fetch the data-release epochs at each object's position."""
    place = {row["oid"]: (row["ra"], row["dec"]) for row in objects.to_pylist()}
    with Irsa(archives) as irsa:
        answers, failures = irsa.archive.each(
            place,
            lambda oid: irsa.epochs(oid, *place[oid], night),
            archives.connections,
            partial(progress, irsa.archive.name),
        )
    return _counted("releases", answers, failures, counts)


def _catalogues(objects: pa.Table, archives: Archives, progress: Progress, counts: dict[str, Counts]) -> pa.Table:
    """Match the objects to each catalogue; here a request is one catalogue, and the ledger tells which failed."""
    ask = {"BTS": partial(catalogues.bts, archives, objects)} | {
        listing.table: partial(catalogues.listed, archives, listing, objects) for listing in catalogues.LISTINGS
    }
    answers: dict[str, pa.Table] = {}
    failures: dict[str, str] = {}
    for done, (name, call) in enumerate(ask.items(), start=1):
        if objects.num_rows:
            try:
                answers[name] = call()
            except Refused as why:
                failures[name] = str(why)
        progress("catalogues", done, len(ask))
    if not objects.num_rows:
        answers = dict.fromkeys(ask, TABLES["catalogues"].empty_table())
    found = _counted("catalogues", answers, failures, counts)
    return found.sort_by([(column, "ascending") for column in ("oid", "catalogue", "name", "ra", "dec", "type")])


def _stars(tables: dict[str, pa.Table], archives: Archives, progress: Progress, counts: dict[str, Counts]) -> pa.Table:
    """Give the objects their TIC number: only the bright ones with a reference source can have one."""
    magnitudes: dict[str, list[float]] = {}
    for row in tables["detections"].select(["oid", "corrected", "magpsf_corr"]).to_pylist():
        if row["corrected"] and row["magpsf_corr"] is not None and row["magpsf_corr"] < _INVALID_MAG:
            magnitudes.setdefault(row["oid"], []).append(row["magpsf_corr"])
    objects = tables["objects"].to_pylist()
    place = {
        row["oid"]: (row["ra"], row["dec"])
        for row in objects
        if row["oid"] in magnitudes and median(magnitudes[row["oid"]]) < TIC_BRIGHTER_THAN
    }
    tics: dict[str, int | None] = {}
    failures: dict[str, str] = {}
    if place:
        mast.point(archives)
        tics, failures = mast.archive(archives).each(
            place,
            lambda oid: mast.nearest_tic(archives, *place[oid]),
            archives.connections,
            partial(progress, "TIC"),
        )
    matched = sum(tic is not None for tic in tics.values())
    counts["tic"] = _counts(len(place), matched, len(tics) - matched, 0, failures)
    return pa.Table.from_pylist([row | {"tic": tics.get(row["oid"])} for row in objects], schema=TABLES["objects"])


def _tess(
    objects: pa.Table, night: Night, archives: Archives, into: Path, progress: Progress, counts: dict[str, Counts]
) -> pa.Table:
    """Download the TESS light curves, one star at a time: lightkurve swaps the whole process's standard output."""
    tics = sorted({tic for tic in objects["tic"].to_pylist() if tic is not None})
    answers, failures = mast.archive(archives).each(
        [str(tic) for tic in tics],
        lambda tic: tess.light_curves(archives, int(tic), night, into),
        1,
        partial(progress, "TESS"),
    )
    return _counted("tess", answers, failures, counts).sort_by([("tic", "ascending"), ("filename", "ascending")])


def _counted(name: str, answers: dict[str, pa.Table], failures: dict[str, str], counts: dict[str, Counts]) -> pa.Table:
    """Join the answers into one table and count them."""
    received = sum(answer.num_rows > 0 for answer in answers.values())
    joined = _joined(name, list(answers.values()))
    counts[name] = _counts(len(answers) + len(failures), received, len(answers) - received, joined.num_rows, failures)
    return joined


def _counts(requested: int, received: int, empty: int, rows: int, failures: dict[str, str]) -> Counts:
    return Counts(
        requested=requested, received=received, empty=empty, failed=len(failures), rows_received=rows, failures=failures
    )


def _joined(name: str, parts: list[pa.Table]) -> pa.Table:
    """Put the parts of a table below one another, its columns in the order of its schema."""
    schema = TABLES[name]
    return pa.concat_tables(
        [schema.empty_table(), *(part.select(schema.names).cast(schema) for part in parts)]
    ).combine_chunks()
