"""starloop's side: each night once in fair weather, and then again and again in foul until it is whole."""

import json
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
from pydantic import SecretStr
from rich.console import Console

from starloop.archives.config import Archives, ArchiveSettings
from starloop.checks.run import check
from starloop.errors import Imbalance, StarloopError
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.ledger import Ledger
from starloop.nights.progress import silent
from starloop.nights.store import Home, digest
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import TABLES, open_sky
from tests.faults.plan import CONNECTIONS, DEADLINE_S, Seeded, struck
from tests.faults.rows import Difference, compare, digests

MOST_RUNS = 40
_TOKEN = SecretStr("0123456789abcdef" * 2)

_ROW = {
    "objects": ("oid",),
    "detections": ("candid",),
    "non_detections": ("oid", "mjd", "fid"),
    "releases": ("query", "expid", "filtercode"),
    "tess": ("filename",),
    "catalogues": ("oid", "catalogue", "name"),
}
"""What tells the rows of each table apart."""


@dataclass
class Weathered:
    """One night in foul weather.

    Parameters
    ----------
    seeded : Seeded
        Which.
    runs, failed_runs, crashed : int
        How often it was ingested until it was whole; how many of these runs ended with an error of starloop's, and
        how many with another one.
    loud : Counter of str
        The errors that ended a run, and the failures in the ledger of a run that ended well.
    struck : dict of str to int
        By fault, how often.
    requests, retries : int
        Over all runs.
    longest_s : float
        The longest request.
    rows : int
        Rows of all tables in the end.
    unbalanced : list of str
        What does not add up, after any run.
    whole, same : bool
        Nothing failed in the end; the sealed bytes are those of fair weather.
    differences : dict of str to Difference
        By table.
    """

    seeded: Seeded
    runs: int = 0
    failed_runs: int = 0
    crashed: int = 0
    loud: Counter[str] = field(default_factory=Counter)
    struck: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    retries: int = 0
    longest_s: float = 0.0
    seconds: float = 0.0
    rows: int = 0
    unbalanced: list[str] = field(default_factory=list)
    whole: bool = False
    same: bool = False
    differences: dict[str, Difference] = field(default_factory=dict)

    @property
    def silently_wrong(self) -> bool:
        """Whether nothing failed, and yet something differs."""
        return self.whole and not self.same


def work(folder: Path, seeded: Seeded, out: Path) -> Weathered:
    """Ingest a night of a sky, in homes of its own under `out`."""
    sky = open_sky(folder)
    fair, foul = (Home(out / weather / str(seeded.night)) for weather in ("fair", "foul"))
    with serving(sky, seeded.night) as served:
        ingest(fair, seeded.night, sky.name, served.archives, silent)
        served.misbehave(seeded.faults)
        one = _weathered(fair, foul, seeded, sky.name, served)
    Console().print(f"{seeded.night}: {one.requests} requests, {one.runs} runs, {one.seconds:.0f} s")
    return one


def _impatient(archives: Archives) -> Archives:
    """Set the deadlines, ask without a limit, and show MAST a token, so that it is asked who we are."""
    told: dict[str, object] = {
        name: settings.model_copy(update={"deadline_s": DEADLINE_S, "connections": CONNECTIONS, "rate_per_s": None})
        for name, settings in archives
        if isinstance(settings, ArchiveSettings)
    }
    told["credentials"] = archives.credentials.model_copy(update={"mast_token": _TOKEN})
    return archives.model_copy(update=told)


def _weathered(fair: Home, foul: Home, seeded: Seeded, name: str, served: Served) -> Weathered:
    night, one, archives = seeded.night, Weathered(seeded), _impatient(served.archives)
    began = time.monotonic()
    while one.runs < MOST_RUNS and not one.whole:
        one.runs += 1
        try:
            ingest(foul, night, name, archives, silent)
            one.whole = _look(foul, night, one)
        except StarloopError as error:
            one.failed_runs += 1
            one.loud[_short(error)] += 1
        except Exception as error:  # noqa: BLE001 - a run must end in a sentence, and this one did not
            one.crashed += 1
            one.loud[f"{type(error).__name__}: {error}"[:120]] += 1
    one.seconds = time.monotonic() - began
    one.struck = struck(served)
    cost = json.loads(foul.fetch_cost(night).read_text())["archives"].values()
    one.requests = sum(archive["requests"] for archive in cost)
    one.retries = sum(archive["retries"] for archive in cost)
    one.longest_s = max(archive["longest_s"] for archive in cost)
    if one.whole:
        one.same = digest(foul.raw(night)) == digest(fair.raw(night))
        one.differences = {table: _difference(fair, foul, night, table) for table in TABLES}
        one.rows = sum(pq.read_metadata(foul.raw(night) / f"{table}.parquet").num_rows for table in TABLES)
    return one


def _look(home: Home, night: Night, one: Weathered) -> bool:
    """Hold a sealed night against its ledger, and check it; tell whether nothing failed."""
    raw = home.raw(night)
    ledger = Ledger.load(raw / "counts.json")
    for source, n in ledger.sources.items():
        if n.requested != n.received + n.empty + n.failed or n.failed != len(n.failures):
            one.unbalanced.append(f"{night}: {source} in run {one.runs}")
        if source in TABLES and n.rows_received != pq.read_metadata(raw / f"{source}.parquet").num_rows:
            one.unbalanced.append(f"{night}: rows of {source} in run {one.runs}")
        for reason in n.failures.values():
            one.loud[f"in the ledger of {source}: {_plain(reason)}"] += 1
    try:
        check(home, night)
    except Imbalance as error:
        one.unbalanced.append(str(error))
    return not any(n.failed for n in ledger.sources.values())


def _short(error: StarloopError) -> str:
    """Give the kind of an error: what cannot be used, and why, without addresses and numbers of objects."""
    sentence = re.sub(r" at http\S+", "", str(error))
    told = re.sub(
        r"\d+ of \d+ (\w+) of \S+ could", r"too many \1 could", re.split(": try again|: run the night", sentence)[0]
    )
    return f"{type(error).__name__}: {_plain(told)}"


def _plain(reason: str) -> str:
    return re.sub(r"ZTF\w+|\b\d{6,}\b|tess\S+fits", "…", reason)


def _difference(fair: Home, foul: Home, night: Night, table: str) -> Difference:
    names = tuple(TABLES[table].names)
    sides = [pq.read_table(home.raw(night) / f"{table}.parquet").to_pandas() for home in (fair, foul)]
    return compare(*(digests(side, _ROW[table], names) for side in sides))
