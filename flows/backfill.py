"""Run every night of a span, in order."""

from typing import Any

from prefect import flow

from flows.nightly import nightly


@flow(name="backfill")
def backfill(first: str, last: str) -> list[dict[str, Any]]:
    """Run the nights from `first` to `last`; only the last one deploys.

    Parameters
    ----------
    first, last : str
        ``YYYY-MM-DD``, UTC, both included.
    """
    from starloop import workspace

    place = workspace.current()
    nights = place.span(first, last)
    with place.alone():
        return [nightly(str(night), deploy=night == nights[-1]) for night in nights]
