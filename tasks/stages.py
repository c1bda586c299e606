"""Running DVC's stages."""

from prefect import task
from prefect.cache_policies import NO_CACHE


@task(name="reproduce", task_run_name="reproduce-{stage}", cache_policy=NO_CACHE)
def reproduce(stage: str) -> None:
    """Bring one stage of the sky's pipeline, and what it needs, up to date."""
    from starloop import pipeline, workspace

    pipeline.dvc(workspace.current().home, "repro", stage)


@task(name="keep-lock", cache_policy=NO_CACHE)
def keep_lock(night: str) -> None:
    """Keep the night's dvc.lock beside its ledger and push its data to the remote."""
    from starloop import branch, pipeline, workspace

    place = workspace.current()
    when = place.night(night)
    pipeline.keep(place.home, when)
    if place.settings.data_branch:
        branch.commit(place.home, when, place.name, place.settings.data_branch)
