"""The ``starloop`` command."""

import sys

import typer

from deployments.cli import alerts, automations, demo, doctor, evaluate, explain, fetching, history, loop, sky, stack

app = typer.Typer(
    name="starloop",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="A nightly machine-learning loop for time-domain astronomy. STARLOOP_SKY chooses the sky: `embedded` "
    "(simulated, the default), `live` (the real archives) or the folder of a sky. Exit codes: 0 done, 1 the run "
    "failed, 2 the request cannot be met as given and nothing was touched.",
)
loop.add(app)
explain.add(app)
evaluate.add(app)
history.add(app)
fetching.add(app)
stack.add(app)
doctor.add(app)
demo.add(app)
app.add_typer(sky.app, name="sky")
app.add_typer(automations.app, name="automations")
app.add_typer(alerts.app, name="alerts")


def main() -> None:
    """Run the command; a known error is one sentence and its exit code."""
    from starloop import quiet
    from starloop.errors import StarloopError

    quiet.hush()
    try:
        app()
    except StarloopError as wrong:
        sys.stderr.write(f"starloop: {wrong}\n")
        sys.exit(wrong.exit_code)
