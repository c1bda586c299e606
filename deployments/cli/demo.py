"""The command that tells the story of the closed loop."""

import typer


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command(name="demo-drift")(demo_drift)


def demo_drift() -> None:
    """Play the closed loop on a simulated sky: drift, event, retraining, gate, switch, rollback.

    Starts a stack of its own on free ports (some minutes), and leaves it running to be looked at; the last line says
    how to stop it. What an earlier telling left is removed first.
    """
    import time

    from deployments import demo, stack
    from deployments.cli import show

    begin = time.monotonic()
    show.OUT.print("[bold]A sky that will change, and a stack of its own[/]: Prefect, MLflow, archives, a worker.")
    place = demo.stage()
    stack.up(place)
    show.addresses(stack.status(place))
    show.OUT.print()
    took = demo.tell(place, lambda line: show.OUT.print(line, soft_wrap=True, highlight=False))
    show.OUT.print(
        f"\nEvent to retraining {took['event']:.1f} s; drift night to the new model's answer {took['loop']:.0f} s; "
        f"rollback {took['rollback']:.1f} s; the whole story {time.monotonic() - begin:.0f} s."
    )
    show.addresses(stack.status(place))
    stop = f"STARLOOP_SKY={place.sky.folder if place.sky else ''} STARLOOP_HOME={place.home.root}"
    show.OUT.print(f"It still runs. To stop it: {stop} .venv/bin/starloop down", soft_wrap=True)
