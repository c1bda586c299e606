"""A benchmark's table: what was measured, against its bar."""

from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """One measurement; at most `bar` is good."""

    what: str
    measured: float
    bar: float
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether the bar is met."""
        return self.measured <= self.bar


def show(title: str, rows: list[Row]) -> bool:
    """Print the table; tell whether every bar is met."""
    table = Table(title=title, box=SIMPLE_HEAD)
    for name in ("what", "measured", "bar", ""):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        table.add_row(
            row.what, f"{row.measured:.2f} {row.unit}", f"{row.bar:g} {row.unit}", "met" if row.met else "MISSED"
        )
    Console(width=100).print(table)
    return all(row.met for row in rows)
