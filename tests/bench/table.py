"""A benchmark's table: what was measured, against its bar."""

from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measurement; at most `bar` is good, or at least."""

    what: str
    measured: float
    bar: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the bar is met."""
        return self.measured >= self.bar if self.at_least else self.measured <= self.bar


def show(title: str, rows: list[Row]) -> bool:
    """Print the table; tell whether every bar is met."""
    table = Table(title=title, box=SIMPLE_HEAD)
    for name in ("what", "measured", "bar", ""):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        side = "at least" if row.at_least else "at most"
        measured, bar = f"{row.measured:.2f} {row.unit}", f"{side} {row.bar:.4g} {row.unit}"
        table.add_row(row.what, measured, bar, "met" if row.met else "MISSED")
    Console(width=100).print(table)
    return all(row.met for row in rows)
