"""Putting a model version behind the endpoint, and taking one back."""

from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE

from tasks.who import who

if TYPE_CHECKING:
    from starloop.endpoint.cluster import Released
    from starloop.endpoint.process import Served

# Neither Prefect's retries nor its transactions: a retried task inside a transaction undoes it at once, and the flow
# ends COMPLETED all the same. What may be tried again is tried inside starloop.


@task(name="deploy-champion", cache_policy=NO_CACHE)
def deploy_champion(version: int | None) -> dict[str, Any]:
    """Serve the champion, or take its promotion back."""
    from starloop import release, workspace

    place = workspace.current()
    return _shown(release.deploy(place.home, place.registry(), place, version, who()))


@task(name="roll-back", cache_policy=NO_CACHE)
def roll_back(to: int | None, why: str, leaving: int | None) -> dict[str, Any]:
    """Make an earlier version the champion again, and serve it."""
    from starloop import release, workspace

    place = workspace.current()
    return _shown(release.rollback(place.home, place.registry(), place, to, why, who(), leaving))


def _shown(served: "Served | Released") -> dict[str, Any]:
    create_link_artifact(served.url, key="endpoint", link_text=f"Endpoint, version {served.version}")
    return {"url": served.url, "version": served.version}
