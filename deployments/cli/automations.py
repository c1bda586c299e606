"""The commands about automations."""

from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="What an event, or its absence, starts: put it on the running server, compare, list, or fire it on a "
    "scratch server (docs/runbooks/automations.md).",
)


@app.command()
def apply() -> None:
    """Make the server's automations those of the code; what is right already is not touched."""
    from deployments.automations.attached import attached

    with attached() as (client, settings):
        from deployments.automations import reconcile

        changes = reconcile.apply(client, settings)
    typer.echo("\n".join(change.what for change in changes) or "nothing to change")


@app.command()
def diff() -> None:
    """Show what `apply` would do; exit code 1 when that is anything."""
    from deployments.automations.attached import attached

    with attached() as (client, settings):
        from deployments.automations import reconcile

        changes = reconcile.diff(client, settings)
    for change in changes:
        typer.echo("\n".join([change.what, *change.lines]))
    if changes:
        raise typer.Exit(1)
    typer.echo("the server is as the code says")


@app.command(name="list")
def show() -> None:
    """List them: what fires each, what it does, whether it is on, and when it fired last."""
    from deployments.automations.attached import attached
    from deployments.cli.show import OUT

    with attached() as (client, _):
        from deployments.automations.listing import table

        OUT.print(table(client))


@app.command(name="test")
def fire(
    name: Annotated[str | None, typer.Argument(help="As `list` names it.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every one of them.")] = False,
) -> None:
    """Fire an automation on a scratch server and see what it does; exit code 1 when one did nothing, or too late.

    Nothing of the running stack is touched: the server is a temporary one, with a receiver of its own.
    """
    from deployments.cli.show import OUT
    from deployments.trial import table
    from deployments.trial.scratch import names, run
    from starloop.errors import BadInput

    if everything == (name is not None):
        raise BadInput(f"say which automation to test, or --all: {', '.join(names())}")
    results = run(names() if name is None else [name])
    OUT.print(table.table(results))
    if not table.good(results):
        raise typer.Exit(1)
