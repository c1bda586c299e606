"""Registering, judging and promoting a challenger, and scoring a night with the champion."""

from prefect import task
from prefect.cache_policies import NO_CACHE

# No Prefect retries here: a retried task inside a promotion could undo it silently.


@task(name="register", cache_policy=NO_CACHE)
def register() -> int:
    """Put the trained challenger into the registry; the same model is registered once."""
    from starloop.model.registry import Registry

    from starloop import workspace

    place = workspace.current()
    return Registry(place.registry_uri).register(place.home.model, place.home.evaluation)


@task(name="gate", cache_policy=NO_CACHE)
def gate(version: int, reason: str) -> dict[str, object]:
    """Judge the challenger against the champion, and promote it where it passes."""
    from starloop.model.gate import judge

    from starloop import workspace

    place = workspace.current()
    return judge(place.home, place.registry_uri, version, reason)


@task(name="score", cache_policy=NO_CACHE)
def score(night: str) -> int | None:
    """Classify every object of the night with the champion; give its version, or None without one."""
    from starloop.model.registry import Registry
    from starloop.model.score import score as classify

    from starloop import workspace

    place = workspace.current()
    registry = Registry(place.registry_uri)
    champion = registry.champion()
    if champion is not None:
        classify(place.home, place.night(night), registry, champion)
    return champion
