"""The command that prints the ledger of promotions and what is kept of the registry."""

from typing import TYPE_CHECKING

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from starloop.workspace import Workspace

if TYPE_CHECKING:
    from starloop.model.registry import Registry


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(history)


def history() -> None:
    """Print who made which model version the champion, when and why, and which versions may be deleted."""
    from deployments.cli.show import OUT
    from starloop import workspace

    place = workspace.current()
    if not place.settings.mlflow_uri and not place.home.mlflow_db.is_file():
        OUT.print(f"{place.name} has no model version yet: run `starloop nightly`")
        return
    registry, page = place.registry(), _page(place)
    OUT.print(_ledger(registry, place.name, page))
    aliases = ", ".join(f"{name}: version {_linked(number, page)}" for name, number in registry.aliases().items())
    OUT.print(aliases or "no version has an alias")
    spare = [number for number, tags in registry.versions().items() if "delete" in tags]
    if spare:
        OUT.print(f"may be deleted: {', '.join(_linked(number, page) for number in sorted(spare))}")


def _ledger(registry: "Registry", name: str, page: str | None) -> Table:
    table = Table(title=f"Champions of {name}", box=SIMPLE_HEAD)
    for heading in ("when (UTC)", "from", "to", "who", "why"):
        table.add_column(heading, no_wrap=heading.startswith("when"))
    for entry in registry.history():
        old = "-" if entry.old is None else _linked(entry.old, page)
        table.add_row(
            entry.when[:19].replace("T", " "), old, _linked(entry.new, page), escape(entry.who), escape(entry.why)
        )
    return table


def _page(place: Workspace) -> str | None:
    """Give the address of MLflow's pages on the model, where a server shows them."""
    from deployments import stack
    from starloop.model.registry import MODEL

    url = stack.status(place).get("mlflow") or place.settings.mlflow_uri or ""
    return f"{url.rstrip('/')}/#/models/{MODEL}/versions" if url.startswith("http") else None


def _linked(version: int, page: str | None) -> str:
    return f"[link={page}/{version}]{version}[/link]" if page else str(version)
