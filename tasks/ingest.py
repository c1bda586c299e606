"""Fetching one night from the archives."""

import time
from typing import Any, cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from starloop.errors import ArchiveDown
from starloop.nights.progress import Progress, Step
from tasks.credentials import complete

_BETWEEN_S = 1.0
"""An update of the artifact is a request to the server."""


async def _archive_was_down(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Only an archive that does not answer may answer later; a bad request stays bad."""
    return isinstance(await state.aresult(raise_on_failure=False), ArchiveDown)


@task(
    name="fetch-night",
    retries=2,
    retry_delay_seconds=exponential_backoff(backoff_factor=5),
    retry_jitter_factor=0.5,
    retry_condition_fn=_archive_was_down,
    timeout_seconds=6 * 3600,
    cache_policy=NO_CACHE,
)
def fetch_night(night: str) -> str:
    """Fetch the night's raw partition, or what it still lacks; give its folder."""
    from starloop import workspace
    from starloop.nights.bar import bars
    from starloop.nights.ingest import ingest

    place = workspace.current()
    when = place.night(night)
    credentials = complete(place.settings.credentials)
    with bars() as bar, place.archives(when, credentials) as archives:
        return str(ingest(place.home, when, place.name, archives, _both(bar, _artifact(night))))


def _both(one: Progress, other: Progress) -> Progress:
    def tell(step: Step) -> None:
        one(step)
        other(step)

    return tell


def _artifact(night: str) -> Progress:
    """Keep a progress artifact in step, not more often than a person can see."""
    # Prefect types one function for both of its worlds; here, outside a loop, it gives the id itself.
    bar = cast(UUID, create_progress_artifact(progress=0.0, key="ingest", description=f"Night {night}"))
    told_at = 0.0

    def tell(step: Step) -> None:
        nonlocal told_at
        if step.done < step.total and time.monotonic() - told_at < _BETWEEN_S:
            return
        told_at = time.monotonic()
        update_progress_artifact(bar, progress=100.0 * step.done / max(step.total, 1), description=f"{night}: {step}")

    return tell
