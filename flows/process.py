"""Check a fetched night and turn it into features and a data set."""

from prefect import flow

from tasks.stages import keep_lock, reproduce


@flow(name="process")
def process(night: str) -> None:
    """Run the stages check, features and dataset, and keep the night's lock.

    Parameters
    ----------
    night : str
        ``YYYY-MM-DD``, UTC; it must have been ingested.
    """
    from starloop import workspace

    place = workspace.current()
    with place.alone():
        place.stand_at(place.night(night))
        # DVC brings what a stage needs with it; the night's checks stop the run before anything downstream sees it.
        reproduce("check")
        reproduce("dataset")
        keep_lock(night)
