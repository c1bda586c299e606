"""One table of features a night, of the objects that were active in it; only what changed is computed."""

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.features.extract import extract
from starloop.features.photometry import light_curves
from starloop.features.schema import digest as schema_digest
from starloop.nights.calendar import Night
from starloop.nights.store import Home, digest, write_table


def update(home: Home, night: Night) -> None:
    """Make ``features/`` hold the nights up to and including one, and no later one.

    A partition carries what it was computed from; it is computed again when the night's good rows
    or the feature schema are no longer those. Later nights are in DVC's cache, which gives them back.
    """
    home.features.mkdir(parents=True, exist_ok=True)
    nights = sorted(path.name for path in (home.root / "good").glob("????-??-??") if path.name <= str(night))
    for path in home.features.glob("*.parquet"):
        if path.stem not in nights:
            path.unlink()
    for name in nights:
        _compute(home, Night.parse(name))


def _compute(home: Home, night: Night) -> None:
    target = home.features / f"{night}.parquet"
    source = {
        b"starloop.detections": digest(home.good(night) / "detections.parquet").encode(),
        b"starloop.features": schema_digest().encode(),
    }
    if target.exists():
        known = pq.read_schema(target).metadata or {}
        if all(known.get(key) == value for key, value in source.items()):
            return
    detections = pq.read_table(home.good(night) / "detections.parquet")
    table: pa.Table = extract(light_curves(detections))
    write_table(table.replace_schema_metadata(source), target)
