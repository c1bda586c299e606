"""Looking for drift, and saying so."""

from typing import Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from tasks.events import ArchiveChanged, BadNight, DriftDetected, Event, emit


@task(name="compare", cache_policy=NO_CACHE)
def compare(night: str) -> dict[str, Any]:
    """Compare the last scored nights with the champion's training reference; the verdict is kept in the home."""
    from starloop import pipeline, workspace
    from starloop.drift.check import check
    from starloop.errors import BadInput

    place = workspace.current()
    champion = place.champion()
    if champion is None:
        raise BadInput("there is no champion to compare with: run `starloop nightly` until a model passes the gate")
    version, classifier = champion
    verdict = check(place.home, place.night(night), classifier.bundle, pipeline.params(place.home).drift)
    create_markdown_artifact(
        f"**{verdict.kind}** on {night}\n\n" + "\n".join(f"- {reason}" for reason in verdict.reasons), key="drift"
    )
    return {**verdict.as_dict(), "night": night, "model_version": version}


@task(name="announce", cache_policy=NO_CACHE)
def announce(verdict: dict[str, Any]) -> str | None:
    """Emit the verdict's event, and give its name; nothing for a verdict of ``none``."""
    event = event_of(verdict)
    return emit(event) if event else None


def event_of(verdict: dict[str, Any]) -> Event | None:
    """Give the event of a verdict, as `compare` gives it; None for ``none``."""
    compared = {name: verdict[name] for name in ("model_version", "night", "nights", "reasons")}
    match verdict["kind"]:
        case "sky":
            return DriftDetected.model_validate(compared)
        case "archive":
            named = {name: verdict[name] for name in ("archives", "bands", "what")}
            return ArchiveChanged.model_validate({**compared, **named})
        case "bad_night":
            return BadNight(night=verdict["night"], reasons=verdict["reasons"])
    return None
