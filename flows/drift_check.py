"""Compare the last nights with what the champion was trained on."""

from typing import Any

from prefect import flow

from tasks.drift import announce, compare
from tasks.events import need_server
from tasks.report import write_report


@flow(name="drift-check")
def drift_check(night: str | None = None) -> dict[str, Any]:
    """Decide between nothing, the sky, the archive and a bad night, and emit the event that says which.

    Parameters
    ----------
    night : str, optional
        ``YYYY-MM-DD``, UTC, the last of the compared nights; the latest processed night unless given.
    """
    from starloop import workspace

    need_server("drift-check")
    place = workspace.current()
    when = place.processed(night)
    with place.alone():
        place.stand_at(when)
        verdict = compare(str(when))
    told = {**verdict, "event": announce(verdict)}
    # The night's page was written before its drift was known.
    write_report(str(when), {})
    return told
