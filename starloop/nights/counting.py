"""From a fetched night to the counts of its ledger."""

import pyarrow as pa

from starloop.nights.confirm import CONFIRMED, READ
from starloop.nights.fetch import Fetch
from starloop.nights.ledger import Counts


def counts(fetch: Fetch, tables: dict[str, pa.Table]) -> dict[str, Counts]:
    """Count what was asked for and what became of it.

    Returns
    -------
    dict of str to Counts
        By source: the tables' names, and ``tic``, whose answers are a column of the objects.
    """
    spool = fetch.spool
    kept = spool.filled("alerts", "detections")
    limited = spool.filled("alerts", "non_detections")
    catalogues = fetch.catalogue_source()
    counted = {
        "objects": _counts(fetch, "alerts", "alerts", "detections", tables["objects"].num_rows),
        "detections": _counts(fetch, "alerts", "alerts", "detections", tables["detections"].num_rows),
        "releases": _releases(fetch, tables["releases"].num_rows),
        "catalogues": _counts(fetch, "catalogues", catalogues, "catalogues", tables["catalogues"].num_rows),
        "tic": _counts(fetch, "tic", "tic", "stars", 0),
        "tess": _counts(fetch, "tess", "tess", "tess", tables["tess"].num_rows),
    }
    counted["non_detections"] = Counts(
        requested=len(kept),
        received=len(limited & kept),
        empty=len(kept - limited),
        rows_received=tables["non_detections"].num_rows,
    )
    if "forced" in tables:
        forced = spool.filled("alerts", "forced") & kept
        counted["forced"] = Counts(
            requested=len(kept),
            received=len(forced),
            empty=len(kept - forced),
            rows_received=tables["forced"].num_rows,
        )
    return counted


def _releases(fetch: Fetch, rows: int) -> Counts:
    """Count the data release: epochs that no second reading confirmed are not received, but failed."""
    confirmed = fetch.spool.filled(CONFIRMED, "releases")
    unconfirmed = fetch.spool.filled(READ, "releases")
    failures = fetch.failures[READ]
    return Counts(
        requested=len(fetch.requested[READ]),
        received=len(confirmed),
        empty=len(fetch.spool.known(READ) - confirmed - unconfirmed),
        failed=len(failures),
        rows_received=rows,
        failures=failures,
    )


def _counts(fetch: Fetch, source: str, spooled: str, table: str, rows: int) -> Counts:
    """Count one source; nothing is inferred from the other counts, so that a key that is lost is missed."""
    answered, received = fetch.spool.known(spooled), fetch.spool.filled(spooled, table)
    failures = fetch.failures[source]
    return Counts(
        requested=len(fetch.requested[source]),
        received=len(received),
        empty=len(answered - received),
        failed=len(failures),
        rows_received=rows,
        failures=failures,
    )
