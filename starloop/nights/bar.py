"""The bar a person sees in the terminal while a night is fetched."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from starloop.nights.progress import Progress, Step, duration


@contextmanager
def bars() -> Iterator[Progress]:
    """Show a bar a source on a terminal, and nothing elsewhere; gives what is told of each step."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:12}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
    )
    with Bars(*columns, console=console, disable=not console.is_terminal) as shown:
        known: dict[str, TaskID] = {}

        def tell(step: Step) -> None:
            if step.source not in known:
                known[step.source] = shown.add_task(step.source, total=step.total, told="")
            shown.update(known[step.source], completed=step.done, total=step.total, told=_told(step))

        yield tell


def _told(step: Step) -> str:
    speed = "" if step.per_s is None else f"{step.per_s:6.1f}/s "
    left = ""
    if step.done < step.total:
        left = (
            " · time left not known yet" if step.remaining_s is None else f" · about {duration(step.remaining_s)} left"
        )
    return f"{speed}{step.received_bytes / 1e6:.1f} MB · {step.retries} retries{left}"
