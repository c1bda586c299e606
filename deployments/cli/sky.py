"""The commands about skies."""

from pathlib import Path
from typing import Annotated

import typer

_FIRST, _LAST = "2018-07-01", "2021-06-30"

app = typer.Typer(no_args_is_help=True, help="Make, draw and check a simulated sky, or serve one as the real archives.")


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder to make; it must not exist, or be empty.")],
    objects: Annotated[int, typer.Option(help="How many objects.")] = 800,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    first: Annotated[str, typer.Option(help="First night.")] = _FIRST,
    last: Annotated[str, typer.Option(help="Last night.")] = _LAST,
    scenario: Annotated[
        list[str] | None,
        typer.Option(help="What changes, and from which night on: population:2020-06-20. May be given several times."),
    ] = None,
    classes: Annotated[str | None, typer.Option(help="Only these classes: RRAB,EW,SNIA. Without it all.")] = None,
    tess: Annotated[int, typer.Option(help="How many TESS light curves.")] = 1,
    workers: Annotated[int, typer.Option(help="How many processes; the sky is the same with any number.")] = 2,
) -> None:
    """Make a simulated sky directory; everything in it says `origin: simulated`.

    Scenarios, and what each of them is: docs/sky.md. Prints the rows of each table, the time and the memory it took.
    """
    import time

    from deployments.cli.making import bar, cost
    from starloop.nights.calendar import Night
    from starloop.sky.simulator.scenario import parse
    from starloop.sky.simulator.write import make_sky

    begin = time.monotonic()
    with bar() as progress:
        sky = make_sky(
            out,
            objects=objects,
            seed=seed,
            first=Night.parse(first),
            last=Night.parse(last),
            scenarios=[parse(text) for text in scenario or ()],
            kinds=None if classes is None else [name.strip() for name in classes.split(",")],
            name=out.name,
            tess=tess,
            workers=workers,
            progress=progress,
        )
    typer.echo(f"{sky.folder}: MJD {sky.first_mjd:.2f} to {sky.last_mjd:.2f}, origin: {sky.origin}")
    for line in cost(sky, time.monotonic() - begin):
        typer.echo(line)


@app.command()
def serve(
    folder: Annotated[Path, typer.Argument(help="A sky directory.")],
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 8765,
    as_of: Annotated[
        str | None,
        typer.Option(help="Hide everything later than this night."),
    ] = None,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="Misbehave: NAME[:ROUTE][:RATE], such as http-502:alerce:0.1. May be given several times."),
    ] = None,
) -> None:
    """Serve a sky directory as ALeRCE, MAST, IRSA, XMatch, TAPVizieR and BTS until interrupted.

    `GET /archives` tells a client every address; `PUT /clock {"as_of": "2020-03-01"}` moves the clock; `PUT /faults`
    changes how it misbehaves (docs/sky.md).
    """
    from starloop.nights.calendar import Night
    from starloop.sky.server.faults import Fault
    from starloop.sky.server.host import run
    from starloop.sky.tables import open_sky

    faults = [Fault.parse(text) for text in fault or ()]
    run(open_sky(folder), Night.parse(as_of) if as_of else None, port, faults)


@app.command()
def gallery(
    folder: Annotated[Path, typer.Argument(help="A sky directory.")],
    out: Annotated[Path, typer.Option(help="The PNG to write.")],
    examples: Annotated[int, typer.Option(help="How many light curves a class.")] = 4,
) -> None:
    """Draw example light curves, one row a class."""
    from starloop.sky.pictures.gallery import gallery as draw
    from starloop.sky.tables import open_sky

    typer.echo(draw(open_sky(folder), out, examples))


@app.command()
def plot(
    folder: Annotated[Path, typer.Argument(help="A sky directory.")],
    out: Annotated[Path, typer.Option(help="The PNG to write.")],
    oid: Annotated[str | None, typer.Option(help="The object; a well observed variable star unless given.")] = None,
) -> None:
    """Draw one object's light curve across the nights on which the sky changes."""
    from starloop.sky.pictures.change import change
    from starloop.sky.tables import open_sky

    typer.echo(change(open_sky(folder), oid, out))


@app.command()
def check(
    out: Annotated[Path, typer.Option(help="The page to write; its pictures go beside it.")] = Path(
        "docs/sky_realism.md"
    ),
    objects: Annotated[int, typer.Option(help="Objects of the simulated sky.")] = 5000,
    seed: Annotated[int, typer.Option(help="Its seed.")] = 1,
) -> None:
    """Hold a simulated sky of three years against the recorded one at STARLOOP_RECORDED_SKY."""
    import tempfile

    from deployments.cli.making import bar
    from starloop.errors import BadInput
    from starloop.nights.calendar import Night
    from starloop.realism.page import write
    from starloop.settings import load
    from starloop.sky.simulator.write import make_sky
    from starloop.sky.tables import open_sky

    known = load().recorded_sky
    if known is None:
        raise BadInput("no recorded sky is known: set STARLOOP_RECORDED_SKY to the folder of one")
    recorded = open_sky(known)
    first, last = Night.parse(_FIRST), Night.parse(_LAST)
    with tempfile.TemporaryDirectory() as folder, bar() as progress:
        out_of = Path(folder) / "simulated"
        sky = make_sky(out_of, objects=objects, seed=seed, first=first, last=last, progress=progress)
        write(sky, recorded, out, "make sky-check")
    typer.echo(out)
