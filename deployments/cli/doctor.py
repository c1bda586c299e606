"""The command that tells how starloop is, and how it prints that."""

import contextlib
import json
import sys
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from starloop.findings import Item, Severity

if TYPE_CHECKING:
    from deployments.doctor import Report

_STYLES = {Severity.OK: "green", Severity.INFO: "cyan", Severity.WARNING: "yellow", Severity.ERROR: "bold red"}


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(doctor)


def doctor(
    at: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Look at a running archive server (`starloop sky serve`) instead."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
    patience: Annotated[
        float, typer.Option(min=1, max=600, help="How long an archive may take for its canary, seconds.")
    ] = 8.0,
) -> None:
    """Tell how the archives, the credentials, the cache and the local stack are, and what to do about it.

    Each archive of the sky is asked for what it must always be able to give (its canary). Nothing is changed.

    Exit codes: 0 nothing is worse than information, 1 there are warnings, 2 there are errors.
    """
    from deployments.doctor import examine
    from starloop import workspace

    waiting = Console(stderr=True)
    # the clients' libraries print when they are imported
    with contextlib.redirect_stdout(sys.stderr), waiting.status("asking the archives ..."):
        report = examine(workspace.current(), at, patience)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=1))
    else:
        show(report)
    raise typer.Exit(report.exit_code)


def show(report: "Report") -> None:
    """Print a table a part, what to do, and the verdict."""
    from deployments.cli.show import OUT

    OUT.print(_archives(report))
    OUT.print(_plain("Credentials", report.parts["credentials"]))
    OUT.print(_plain("Cache and disk", report.parts["cache"]))
    OUT.print(_plain("Local stack", report.parts["stack"]))
    items = [item for part in report.parts.values() for item in part]
    told = _advice(items)
    if told:
        OUT.print()
    for (severity, advice), names in told.items():
        OUT.print(
            Text.assemble((f"{severity}: ", _STYLES[severity]), (f"{', '.join(names)}: ", "bold"), advice),
            soft_wrap=True,
        )
    counts = {severity: sum(item.severity == severity for item in items) for severity in reversed(Severity)}
    verdict = ", ".join(_counted(severity, number) for severity, number in counts.items() if number)
    OUT.print(f"\n{verdict}; looked at in {report.seconds:.1f} s; exit code {report.exit_code}", highlight=False)


def _advice(items: list[Item]) -> dict[tuple[Severity, str], list[str]]:
    """Give each advice once, with the names of what it is about."""
    told: dict[tuple[Severity, str], list[str]] = {}
    for item in items:
        for finding in item.findings:
            if finding.advice:
                told.setdefault((finding.severity, finding.advice), []).append(item.name)
    return told


def _counted(severity: Severity, number: int) -> str:
    plural = severity >= Severity.WARNING and number != 1
    return f"{number} {severity}{'s' if plural else ''}"


def _archives(report: "Report") -> Table:
    table = _table(f"Archives of {report.sky}", header=True)
    table.add_column("where", no_wrap=True)
    table.add_column("answers", justify="right", no_wrap=True)
    table.add_column("clock", justify="right", no_wrap=True)
    table.add_column("canary", ratio=1)
    for item in report.parts["archives"]:
        latency, ahead = item.facts["latency_ms"], item.facts["clock_ahead_s"]
        answers = "-" if latency is None else f"{latency:.0f} ms"
        clock = "-" if ahead is None else f"{round(ahead):+d} s"
        where = urlsplit(item.facts["url"]).netloc or item.facts["url"]
        table.add_row(*_head(item), where, answers, clock, item.says)
    return table


def _plain(title: str, items: list[Item]) -> Table:
    table = _table(title, header=False)
    table.add_column(ratio=1)
    for item in items:
        table.add_row(*_head(item), item.says)
    return table


def _table(title: str, header: bool) -> Table:
    table = Table(
        title=f"\n{title}", title_justify="left", title_style="bold", header_style="dim", show_header=header, box=None,
        padding=(0, 2, 0, 0), pad_edge=False, expand=True,
    )  # fmt: skip
    table.add_column(width=len("warning"), no_wrap=True)
    table.add_column(no_wrap=True)
    return table


def _head(item: Item) -> tuple[Text, str]:
    return Text(str(item.severity), _STYLES[item.severity]), item.name
