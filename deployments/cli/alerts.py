"""The commands about alerts."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Read the alerts that were received here, newest last.")


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    last: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
) -> None:
    """Read the alerts that were received here, newest last; they come here unless STARLOOP_ALERTS sends them away."""
    if context.invoked_subcommand:
        return
    from deployments import receiver
    from starloop import workspace

    alerts = receiver.read(workspace.current().home.alerts)[-last:]
    for alert in alerts:
        typer.echo(f"{alert['at'][:19]}Z  {alert['title']}")
        typer.echo("\n".join(f"    {line}" for line in alert["message"].splitlines()))
    if not alerts:
        typer.echo("no alert was received here")


@app.command(name="try")
def send() -> None:
    """Send a harmless alert through the channel as it is set now, and say whether it was taken."""
    from deployments.automations.attached import attached

    with attached():
        from deployments.automations import channel

        channel.try_out()
    typer.echo("sent")


@app.command(hidden=True)
def serve(file: Path, port: Annotated[int, typer.Argument(min=1, max=65535)]) -> None:
    """Receive alerts on 127.0.0.1 until interrupted; `starloop up` starts this."""
    from deployments import receiver

    receiver.run(file, port)
