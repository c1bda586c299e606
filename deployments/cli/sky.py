"""The commands about skies."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Make a simulated sky, or serve one over the real archives' protocols.")


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder to make; it must not exist.")],
    objects: Annotated[int, typer.Option(min=50, help="How many objects.")] = 800,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    scenario: Annotated[
        str | None,
        typer.Option(help="What changes, and from which night on: population:2020-06-20."),
    ] = None,
) -> None:
    """Make a simulated sky directory; everything in it says `origin: simulated`."""
    from starloop.sky.simulator.scenario import parse
    from starloop.sky.simulator.write import make_sky

    sky = make_sky(out, objects=objects, seed=seed, scenario=parse(scenario) if scenario else None, name=out.name)
    typer.echo(f"{sky.folder}: {objects} objects, MJD {sky.first_mjd:.2f} to {sky.last_mjd:.2f}, origin: {sky.origin}")


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="A sky directory.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8765,
    as_of: Annotated[
        str | None,
        typer.Option(help="Hide everything later than this night."),
    ] = None,
) -> None:
    """Serve a sky directory as ALeRCE, MAST, IRSA, XMatch, TAPVizieR and BTS until interrupted.

    `PUT /clock {"as_of": "2020-03-01"}` moves the clock.
    """
    from starloop.nights.calendar import Night
    from starloop.sky.server.host import run
    from starloop.sky.tables import open_sky

    run(open_sky(folder), Night.parse(as_of) if as_of else None, port)
