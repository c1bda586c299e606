"""Fetching one night from the archives."""

from typing import Any, cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from starloop.errors import ArchiveDown


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
    """Fetch the night's raw partition, or find it sealed; give its folder."""
    from starloop import workspace
    from starloop.nights.ingest import ingest

    place = workspace.current()
    when = place.night(night)
    # Prefect types one function for both of its worlds; here, outside a loop, it gives the id itself.
    bar = cast(UUID, create_progress_artifact(progress=0.0, key="ingest", description=f"Night {night}"))

    def progress(source: str, done: int, total: int) -> None:
        update_progress_artifact(bar, progress=100.0 * done / max(total, 1), description=f"{night}: {source}")

    with place.archives(when) as archives:
        return str(ingest(place.home, when, place.name, archives, progress))
