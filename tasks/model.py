"""Asking whether to train, judging a challenger, and scoring a night with the champion."""

from collections.abc import Sequence
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from tasks.who import who


@task(name="due", cache_policy=NO_CACHE)
def due() -> str | None:
    """Give the reason to train a challenger now, or None."""
    from starloop import pipeline, workspace
    from starloop.errors import OldModel
    from starloop.model.due import due as decide
    from starloop.model.tries import tried

    place = workspace.current()
    champion, unreadable = None, False
    try:
        champion = place.champion()
    except OldModel:
        unreadable = True
    bundle = champion[1].bundle if champion else None
    knobs = pipeline.params(place.home).retrain
    return decide(place.home.dataset, bundle, tried(place.registry()), knobs, unreadable)


@task(name="worth", cache_policy=NO_CACHE)
def worth(reason: str, night: str, nights: Sequence[str]) -> dict[str, Any] | None:
    """Make sure that the data set holds the nights that ask; give why nothing should be trained on it, or None."""
    import dataclasses

    from starloop import pipeline, workspace
    from starloop.model.dataset import require
    from starloop.model.due import known
    from starloop.model.tries import tried
    from starloop.model.worth import refusal

    place = workspace.current()
    require(place.home, place.night(night), nights)
    refused = refusal(
        reason,
        pipeline.lesson(place.home),
        known(place.home.dataset),
        tried(place.registry()),
        pipeline.params(place.home).retrain,
    )
    return dataclasses.asdict(refused) | {"promoted": False} if refused else None


@task(name="challenge", cache_policy=NO_CACHE)
def challenge(reason: str, nights: Sequence[str]) -> dict[str, Any]:
    """Register the trained challenger, put it before the gate, and promote it where it passes."""
    from starloop import pipeline, workspace
    from starloop.model.challenge import challenge as judge

    place = workspace.current()
    lesson, knobs = pipeline.lesson(place.home), pipeline.params(place.home)
    return judge(place.home, place.registry(), knobs, reason, lesson, who(), nights)


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
