"""The command that says how good the classifier is."""

from pathlib import Path
from typing import Annotated

import typer


def add(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(evaluate)


def evaluate(
    sky: Annotated[
        Path | None, typer.Option(help="Folder of a recorded sky; that of STARLOOP_RECORDED_SKY unless given.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The page to write; its pictures go into `pictures/` beside it.")] = Path(
        "docs/evaluation.md"
    ),
) -> None:
    """Measure the classifier on a recorded sky and on the embedded one, and write the page of figures.

    Supernovae that were typed by a spectrum, in five folds by position on the sky: every object is answered by a model
    that has not seen its position. The page has each figure with its bootstrap interval; how it falls as light curves
    get shorter, fainter or sparser; past to future; and what a split that is careless of positions would have promised.

    Training uses the knobs of `params.yaml`, so change one there and run this again to see what it does: but choose it
    by `starloop`'s own search, which looks at training objects only, or the figures here mean nothing any more.

    Prints each figure against its bar. Exit code 1 when one is missed, 2 when there is no such sky.
    """
    from deployments.cli.making import bar
    from starloop import pipeline
    from starloop.errors import BadInput
    from starloop.evaluation.report import STEPS, write
    from starloop.params import Params
    from starloop.settings import load
    from starloop.sky.simulator.embedded import embedded_sky
    from starloop.sky.tables import open_sky

    folder = sky or load().recorded_sky
    if folder is None:
        raise BadInput(
            "no recorded sky is known to be tested on: set STARLOOP_RECORDED_SKY to its folder, or give --sky"
        )
    recorded = open_sky(folder)
    embedded = embedded_sky(pipeline.ROOT / "data" / "skies")
    params = Params.read(pipeline.ROOT / "params.yaml")
    with bar("steps") as progress:
        done = iter(range(1, STEPS + 1))
        progress(0, STEPS)
        conditions = write(recorded, embedded, params, out, "make evaluate", lambda: progress(next(done), STEPS))
    for one in conditions:
        side = "at least" if one.at_least else "under"
        typer.echo(
            f"{one.name:28} {one.figure.value:.3f} ({one.figure.low:.3f}–{one.figure.high:.3f})   "
            f"{side} {one.bar:.2f}: {'met' if one.met else 'MISSED'}"
        )
    typer.echo(out)
    if not all(one.met for one in conditions):
        raise typer.Exit(1)
