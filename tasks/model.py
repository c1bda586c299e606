"""Asking whether to train, judging a challenger, and scoring a night with the champion."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.who import who

# No Prefect retries here: a retried task inside a promotion could undo it silently.


@task(name="due", cache_policy=NO_CACHE)
def due() -> str | None:
    """Give the reason to train a challenger now, or None."""
    from starloop import pipeline, workspace
    from starloop.errors import OldModel
    from starloop.model.due import due as decide

    place = workspace.current()
    try:
        champion = place.champion()
    except OldModel:
        return "the champion was written by earlier code, and cannot be read any more"
    return decide(place.home.dataset, champion[1].bundle if champion else None, pipeline.params(place.home).retrain)


@task(name="challenge", cache_policy=NO_CACHE)
def challenge(reason: str) -> dict[str, Any]:
    """Register the trained challenger, put it before the gate, and promote it where it passes."""
    from starloop import pipeline, workspace
    from starloop.model.challenge import challenge as judge

    place = workspace.current()
    return judge(place.home, place.registry(), pipeline.params(place.home), reason, who())


@task(name="score", cache_policy=NO_CACHE)
def score(night: str) -> int | None:
    """Classify every object of the night with the champion; give its version, or None without one."""
    from starloop import workspace
    from starloop.model.score import score as classify

    place = workspace.current()
    champion = place.champion()
    if champion is None:
        return None
    version, classifier = champion
    classify(place.home, place.night(night), classifier, version)
    return version
