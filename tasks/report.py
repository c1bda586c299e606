"""The night's page."""

from prefect import task
from prefect.cache_policies import NO_CACHE


@task(name="write-report", cache_policy=NO_CACHE)
def write_report(night: str, facts: dict[str, object]) -> str:
    """Write the night's HTML page and give its path."""
    from starloop import workspace
    from starloop.report.page import report

    place = workspace.current()
    return str(report(place.home, place.night(night), {"sky": place.name, "origin": place.origin, **facts}))
