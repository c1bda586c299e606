"""What a trial came to, as a table."""

from rich.box import SIMPLE_HEAD
from rich.table import Table

from deployments.trial.scratch import Result


def good(results: list[Result]) -> bool:
    """Tell whether everything came, and in time where a time is promised."""
    return all(_verdict(result) in ("fired", "in time") for result in results)


def table(results: list[Result]) -> Table:
    """Give one row for each effect."""
    shown = Table(title="On a scratch server; real waits in brackets", box=SIMPLE_HEAD, collapse_padding=True)
    shown.add_column("automation", no_wrap=True)
    shown.add_column("fired by")
    shown.add_column("effect")
    shown.add_column("after", justify="right", no_wrap=True)
    shown.add_column("")
    for result in results:
        after = "-" if result.seconds is None else f"{result.seconds:.2f} s"
        verdict = _verdict(result) + (f" (bar {result.bar_s:g} s)" if result.bar_s else "")
        shown.add_row(result.name, result.how, result.effect, after, verdict)
    return shown


def _verdict(result: Result) -> str:
    if result.seconds is None:
        return f"DID NOT FIRE: see {result.log}"
    if result.bar_s is None:
        return "fired"
    return "in time" if result.seconds <= result.bar_s else "TOO LATE"
