"""The command that only fetches, and what it prints: what came, from where, and what it cost."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.workspace import Workspace

if TYPE_CHECKING:
    from starloop.nights.ledger import Ledger

NIGHT = Annotated[str | None, typer.Argument(help="UTC date, YYYY-MM-DD; the last complete night unless given.")]


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(ingest)


def ingest(
    night: NIGHT = None,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Fetch at most so many objects, for a first look; they go no further.")
    ] = None,
) -> None:
    """Fetch a night from the archives into data/SKY/raw/NIGHT, or what it still lacks.

    Killed at any point and started again, it asks only for what is missing. What it fetched, from where and at what
    cost is printed, and kept beside the night in NIGHT.fetch.json.
    """
    from deployments.preflight import ready

    place = ready()
    when = place.night(night)
    if sample is None:
        from flows.ingest import ingest as flow

        flow(str(when))
        show(place, place.home, when)
        return
    from starloop.nights.bar import bars
    from starloop.nights.ingest import ingest as fetch

    home = Home(place.home.root, sample)
    with place.alone(), bars() as bar, place.archives(when) as archives:
        fetch(home, when, place.name, archives, bar)
    show(place, home, when)


def show(place: Workspace, home: Home, night: Night) -> None:
    """Print what a fetched night holds and what it cost, over all runs."""
    from deployments.cli.show import OUT
    from starloop.nights.ledger import Ledger

    OUT.print(_received(place, Ledger.load(home.raw(night) / "counts.json")))
    cost = json.loads(home.fetch_cost(night).read_text())
    OUT.print(_asked(cost))
    for oid, came in cost["short"].items():
        OUT.print(f"{oid}: only {came} detections came, fewer than ALeRCE's list says", soft_wrap=True)
    OUT.print(f"fetched in {cost['seconds']:.1f} s and {cost['runs']} run{'s' if cost['runs'] > 1 else ''}")
    OUT.print(f"kept in {home.raw(night)}", soft_wrap=True)
    OUT.print(f"cost in {home.fetch_cost(night)}", soft_wrap=True)


def _received(place: Workspace, ledger: "Ledger") -> Table:
    table = Table(title=f"Fetched of {ledger.night} from {place.name} (origin: {place.origin})", box=SIMPLE_HEAD)
    table.add_column("source", no_wrap=True)
    for name in ("requested", "received", "empty", "failed", "rows"):
        table.add_column(name, justify="right")
    for source, counts in sorted(ledger.sources.items()):
        numbers = (counts.requested, counts.received, counts.empty, counts.failed, counts.rows_received)
        table.add_row(source, *(f"{number:,}" for number in numbers))
    return table


def _asked(cost: dict[str, Any]) -> Table:
    table = Table(title="What it cost", box=SIMPLE_HEAD)
    table.add_column("archive", no_wrap=True)
    for name in ("requests", "retries", "MB", "longest, s"):
        table.add_column(name, justify="right")
    table.add_column("faults met")
    table.add_column("where", overflow="fold")
    for name, told in sorted(cost["archives"].items()):
        faults = ", ".join(f"{reason} ({times})" for reason, times in sorted(told["faults"].items()))
        figures = (f"{told['requests']:,}", f"{told['retries']:,}", f"{told['received_bytes'] / 1e6:,.2f}")
        table.add_row(name, *figures, f"{told['longest_s']:.2f}", faults or "none", told["url"])
    return table
