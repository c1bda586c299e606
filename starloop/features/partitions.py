"""One table of features a night, of the objects that were active in it; only what changed is computed."""

import os

import pyarrow.parquet as pq

from starloop.features import night as of_night
from starloop.features.assembly import TABLES
from starloop.features.extract import stream
from starloop.features.schema import digest as schema_digest
from starloop.features.schema import schema
from starloop.nights.calendar import Night
from starloop.nights.store import Home, digest, write_batches


def update(home: Home, night: Night) -> None:
    """Make ``features/`` hold the nights up to and including one, and no later one.

    A partition carries what it was computed from; it is computed again when the night's good rows
    or the feature schema are no longer those. Later nights are in DVC's cache, which gives them back. A night is read,
    computed and written a few objects at a time.

    Raises
    ------
    BadInput
        When a TESS file of a night is not there or cannot be read.
    """
    home.features.mkdir(parents=True, exist_ok=True)
    nights = sorted(path.name for path in (home.root / "good").glob("????-??-??") if path.name <= str(night))
    for path in home.features.glob("*.parquet"):
        if path.stem not in nights:
            path.unlink()
    for name in nights:
        _compute(home, Night.parse(name))


def _compute(home: Home, night: Night) -> None:
    target, good = home.features / f"{night}.parquet", home.good(night)
    # The name of a TESS file stands for its contents: MAST gives a corrected file another name.
    source = {f"starloop.{name}".encode(): digest(good / f"{name}.parquet").encode() for name in TABLES}
    source[b"starloop.features"] = schema_digest().encode()
    if target.exists() and (pq.read_schema(target).metadata or {}).items() >= source.items():
        return
    curves = of_night.batches(good, home.raw(night) / "tess")
    features = stream(curves, n_jobs=len(os.sched_getaffinity(0)))
    write_batches(features, schema().with_metadata(source), target)
