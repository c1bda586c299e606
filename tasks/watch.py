"""Looking at the endpoint, and bringing it back."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE


@task(name="look", cache_policy=NO_CACHE)
def look() -> dict[str, Any] | None:
    """Ask the endpoint known light curves; None when nothing is deployed here."""
    from dataclasses import asdict

    from starloop import workspace
    from starloop.endpoint import health

    seen = health.look(workspace.current().home)
    return asdict(seen) if seen else None


@task(name="restart", cache_policy=NO_CACHE)
def restart() -> str | None:
    """Start the version again that should answer; give what went wrong, or None."""
    from starloop import workspace
    from starloop.errors import NotPromoted

    try:
        workspace.current().restart()
    except NotPromoted as why:
        return str(why)
    return None
