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
    from starloop.errors import BadInput

    place = workspace.current()
    begin, end = place.night(first), place.night(last)
    if end < begin:
        raise BadInput(f"the backfill ends ({last}) before it begins ({first}): give the earlier night first")
    return [nightly(str(night), deploy=night == end) for night in begin.until(end)]
