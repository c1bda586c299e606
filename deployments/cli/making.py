"""What `starloop sky make` shows while it works, and what the work cost."""

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pyarrow.parquet as pq
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from starloop.nights.store import digest
from starloop.sky.tables import TABLES, Sky

# Linux counts in KiB, macOS in bytes.
_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


@contextmanager
def bar(what: str = "objects") -> Iterator[Callable[[int, int], None]]:
    """Show a bar on a terminal, and nothing elsewhere; gives what is told of done and of all."""
    console = Console(stderr=True)
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(what, total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)


def cost(sky: Sky, seconds: float) -> Iterator[str]:
    """Give lines: the rows of each table, a hash of all files, the time, and the most memory a process held."""
    for table in TABLES:
        path = sky.folder / f"{table}.parquet"
        yield f"  {table:15} {pq.read_metadata(path).num_rows:>12,} rows {path.stat().st_size / 1e6:>9,.1f} MB"
    yield f"  sha256 {digest(sky.folder)}"
    own, children = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    told = f"{own * _UNIT_BYTES / 1e6:,.0f} MB in this process"
    if children:
        told += f", {children * _UNIT_BYTES / 1e6:,.0f} MB in the largest of the others"
    yield f"  took {seconds:,.1f} s; peak memory {told}"
