"""Fetch one night."""

from prefect import flow

from tasks.ingest import fetch_night


@flow(name="ingest")
def ingest(night: str | None = None) -> str:
    """Fetch a night from the archives into its sealed raw partition.

    Parameters
    ----------
    night : str, optional
        ``YYYY-MM-DD``, UTC; the last complete night unless given.
    """
    from starloop import workspace

    place = workspace.current()
    when = place.night(night)
    with place.alone():
        place.stand_at(when)
        fetch_night(str(when))
    return str(when)
