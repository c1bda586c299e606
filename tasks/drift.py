"""Looking for drift, and saying so."""

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.events import emit_event

MODEL = {"prefect.resource.id": "starloop.model.starloop", "prefect.resource.name": "starloop"}
EVENTS = {"sky": "starloop.drift.detected", "archive": "starloop.archive.changed", "bad_night": "starloop.night.bad"}


@task(name="compare", cache_policy=NO_CACHE)
def compare(night: str) -> dict[str, object]:
    """Compare the last scored nights with the champion's training reference; the verdict is kept in the home."""
    from starloop import pipeline, workspace
    from starloop.drift.check import check
    from starloop.errors import BadInput

    place = workspace.current()
    champion = place.champion()
    if champion is None:
        raise BadInput("there is no champion to compare with: run `starloop nightly` until a model passes the gate")
    verdict = check(place.home, place.night(night), champion[1].bundle, pipeline.params(place.home).drift)
    create_markdown_artifact(
        f"**{verdict.kind}** on {night}\n\n" + "\n".join(f"- {reason}" for reason in verdict.reasons), key="drift"
    )
    return {"kind": verdict.kind, "reasons": list(verdict.reasons), "night": night}


@task(name="announce", cache_policy=NO_CACHE)
def announce(verdict: dict[str, object]) -> str | None:
    """Emit the verdict's event, drained before the process may end; give its name."""
    from prefect.events.worker import EventsWorker

    event = EVENTS.get(str(verdict["kind"]))
    if event:
        emit_event(event, resource=MODEL, payload=verdict)
        # An event still in the queue dies with the process, and nobody would know.
        EventsWorker.instance().drain()
    return event
