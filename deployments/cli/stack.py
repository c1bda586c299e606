"""The commands that start and stop the local stack."""

import typer


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(up)
    app.command()(down)
    app.command()(status)


def up() -> None:
    """Start Prefect, MLflow, the archive server, a worker and the endpoint; wait for health; print every address."""
    from deployments import stack
    from deployments.cli import show
    from starloop import workspace

    show.addresses(stack.up(workspace.current()))


def down() -> None:
    """Stop exactly what `starloop up` and the deployed endpoint started."""
    from deployments import stack
    from deployments.cli import show
    from starloop import workspace

    show.stopped(stack.down(workspace.current()))


def status() -> None:
    """Tell what runs and where."""
    from deployments import stack
    from deployments.cli import show
    from starloop import workspace

    show.addresses(stack.status(workspace.current()))
