"""Checking a night: good rows go on, bad rows go to quarantine, and a table bad as a whole stops the run."""

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from starloop.checks import docs, partition
from starloop.checks.partition import Parted
from starloop.checks.rules import CHECKED, IN_PACKETS_ONLY
from starloop.errors import BadInput, CheckFailed
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, digest, write_json, write_table

LARGEST_SHARE = 0.05
"""The share of a table's rows that may be rejected before the table is not to be trusted."""
_FEW = 5
"""So few rejected rows say nothing about a small table."""
_FAILURES = {
    "table_not_empty": "the table {table} of night {night} has no good rows: look at its archive, then ingest again",
    "detection_inside_the_night": "no good detection lies inside the night {night}: the archive may be late, "
    "so ingest it again later",
}


def check(home: Home, night: Night) -> dict[str, Any]:
    """Check a raw night and write its good rows, quarantine, results, ledger and Data Docs.

    The same raw night gives the same bytes. Nothing is written unless every table can be used.

    Parameters
    ----------
    home : Home
        Where the nights are.
    night : Night
        A night that has been ingested.

    Returns
    -------
    dict
        As in the file ``checks/<night>.json``: ``night``; ``tables``, each with its counts of the ledger; and
        ``expectations``, each with table, name, success, number of unexpected rows, examples and what it expects.

    Raises
    ------
    BadInput
        When the night has not been ingested.
    CheckFailed
        When a table as a whole cannot be used: it is unreadable, a column is missing or of another type, it is empty
        on a night with active objects, no detection lies inside the night, or more than `LARGEST_SHARE` of its rows
        are rejected.
    Imbalance
        When the night's counts do not add up.
    """
    raw = home.raw(night)
    if not raw.is_dir():
        raise BadInput(f"night {night} has not been ingested: there is no {raw}, so ingest it first")
    checked = [table for table in CHECKED if table not in IN_PACKETS_ONLY or (raw / f"{table}.parquet").exists()]
    received = {table: partition.read(raw, table) for table in checked}
    # No object was active: the dome was closed. Rows without an object, or objects without rows, are a fault.
    clouded = not (received["objects"].num_rows or received["detections"].num_rows)
    parted = {table: partition.part(received[table], table, night, clouded) for table in checked}
    for table in checked:
        _trust(parted[table], table, night)
    tess = partition.read(raw, "tess")
    counts = {table: _counts(parted[table]) for table in checked} | {"tess": {"accepted": len(tess)}}
    ledger = _ledger(Ledger.load(raw / "counts.json"), counts).balance()
    results = {
        "night": str(night),
        "tables": {table: n.model_dump() for table, n in ledger.sources.items()},
        "expectations": [fact for table in checked for fact in _facts(parted[table], table)],
    }
    with tempfile.TemporaryDirectory(prefix=".check-", dir=home.root) as beside:
        good, rejected = Path(beside, "good"), Path(beside, "quarantine")
        write_table(tess, good / "tess.parquet")
        for table in checked:
            write_table(parted[table].good, good / f"{table}.parquet")
            write_table(parted[table].rejected, rejected / f"{table}.parquet")
        contents = {path.stem: digest(path) for path in good.glob("*.parquet")}
        write_json({table: n | {"sha256": contents[table]} for table, n in counts.items()}, good / "counts.json")
        _replace(rejected, home.quarantine(night))
        _replace(good, home.good(night))
    write_json(results, home.checks(night))
    docs.publish(home, night)
    ledger.save(home.ledger(night))
    return results


def _ledger(ingested: Ledger, counts: dict[str, dict[str, int]]) -> Ledger:
    """Add to what ingest counted what became of the rows; a table ingest never counted will not balance."""
    sources = {
        source: ingested.sources.get(source, Counts()).model_copy(update=counts.get(source, {}))
        for source in sorted(ingested.sources.keys() | counts.keys())
    }
    return ingested.model_copy(update={"sources": sources})


def _facts(parted: Parted, table: str) -> list[dict[str, Any]]:
    """Give a table's outcomes as they are kept and shown."""
    return [
        {
            "table": table,
            "name": outcome.rule,
            "success": outcome.success,
            "unexpected": len(outcome.rows),
            "examples": list(outcome.examples),
            "expects": outcome.expects,
        }
        for outcome in parted.outcomes
    ]


def _replace(folder: Path, old: Path) -> None:
    """Put a finished folder where another may be."""
    old.parent.mkdir(parents=True, exist_ok=True)
    if old.exists():
        old.rename(folder.with_name(f"old-{folder.name}"))
    folder.rename(old)


def _trust(parted: Parted, table: str, night: Night) -> None:
    """Raise `CheckFailed` for a table that is bad as a whole."""
    rejected = len(parted.rejected)
    whole = rejected + len(parted.good)
    if rejected > max(_FEW, LARGEST_SHARE * whole):
        broken = Counter(rule for rules in parted.rejected["rule"].to_pylist() for rule in rules.split(","))
        rule, _ = broken.most_common(1)[0]
        raise CheckFailed(
            f"{rejected} of {whole} rows of {table} of night {night} are rejected, most by {rule}, "
            f"and {LARGEST_SHARE:.0%} are allowed: look at the archive before ingesting the night again"
        )
    for outcome in parted.outcomes:
        if outcome.whole and not outcome.success:
            raise CheckFailed(_FAILURES[outcome.rule].format(table=table, night=night))


def _counts(parted: Parted) -> dict[str, int]:
    return {"accepted": len(parted.good), "quarantined": len(parted.rejected), "duplicate": parted.duplicates}
