"""Putting a model version behind the endpoint."""

from prefect import task
from prefect.artifacts import create_link_artifact
from prefect.cache_policies import NO_CACHE


@task(name="switch-endpoint", cache_policy=NO_CACHE)
def switch_endpoint(version: int) -> dict[str, object]:
    """Build the version's Bento, start it beside the serving one, smoke-test it, switch."""

    from starloop import workspace

    served = workspace.current().serve(version)
    create_link_artifact(served.url, key="endpoint", link_text=f"Endpoint, version {version}")
    return {"url": served.url, "version": served.version}
