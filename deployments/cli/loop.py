"""The commands that run the loop."""

from typing import Annotated

import typer

NIGHT = Annotated[str | None, typer.Argument(help="UTC date, YYYY-MM-DD; the last complete night unless given.")]


def add(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(nightly)
    app.command()(backfill)
    app.command()(retrain)
    app.command()(deploy)
    app.command()(rollback)
    app.command()(drift)
    app.command()(classify)


def nightly(night: NIGHT = None) -> None:
    """Run one whole night: ingest, check, process, retrain when due, score, deploy, report.

    Running the same night again changes nothing: the same sky and code give the same bytes.
    """
    from deployments.cli import show
    from deployments.preflight import ready

    place = ready()
    when = place.night(night)
    from flows.nightly import nightly as flow

    show.night(place, flow(str(when)))


def backfill(
    first: Annotated[str, typer.Argument(help="First night, YYYY-MM-DD.")],
    last: Annotated[str, typer.Argument(help="Last night, YYYY-MM-DD, included.")],
) -> None:
    """Run every night of a span in order; the last one deploys the champion."""
    from deployments.cli import show
    from deployments.preflight import ready

    place = ready()
    place.span(first, last)
    from flows.backfill import backfill as flow

    nights = flow(first, last)
    show.ledgers(place, [facts["night"] for facts in nights])
    show.outcome(place, nights[-1])


def retrain(
    night: NIGHT = None,
    reason: Annotated[str, typer.Option(help="Why, for the registry's record.")] = "requested",
    search: Annotated[int | None, typer.Option(min=0, help="Sets of training knobs to try first.")] = None,
) -> None:
    """Train a challenger on the data set of a processed night and put it before the gate."""
    from deployments.cli import show
    from deployments.preflight import ready

    place = ready()
    when = place.processed(night)
    from flows.retrain import retrain as flow

    show.verdict(flow(str(when), reason, search=search))
    show.metrics(place)


def deploy() -> None:
    """Serve the registry's champion; nothing happens when it serves already."""
    from deployments.cli import show
    from deployments.preflight import ready

    place = ready()
    from flows.deploy import deploy as flow

    flow()
    show.endpoint(place)


def rollback(
    to: Annotated[int | None, typer.Option(help="Version; the champion before this one unless given.")] = None,
    why: Annotated[str, typer.Option(help="The reason, for the ledger of promotions.")] = "requested",
) -> None:
    """Take registry and endpoint back to an earlier version together."""
    from deployments.cli import show
    from deployments.preflight import ready

    place = ready()
    from flows.rollback import rollback as flow

    flow(to, why)
    show.endpoint(place)


def drift(night: NIGHT = None) -> None:
    """Compare the last scored nights with the champion's training data; an event says what was found."""
    from deployments.cli import show
    from deployments.preflight import ready

    place = ready()
    when = place.processed(night)
    from tasks.events import need_server

    need_server("drift-check")  # before a temporary server is started for the flow
    from flows.drift_check import drift_check as flow

    show.drift(flow(str(when)), place.home.drift_page)


def classify(
    name: Annotated[
        str, typer.Argument(metavar="OBJECT", help="A ZTF oid, as ZTF20aaelulu, or a star, as 'TIC 1234'.")
    ],
) -> None:
    """Fetch an object's light curve from the sky and ask the running endpoint what it is."""
    from deployments.cli import show
    from starloop import workspace
    from starloop.observed import ask

    show.answer(ask(workspace.current(), name))
