"""Look after the endpoint."""

from typing import Any

from prefect import flow

from tasks.events import EndpointUnhealthy, emit, need_server
from tasks.watch import look, restart


@flow(name="watch")
def watch() -> dict[str, Any]:
    """Look whether the endpoint is well; restart it once where it is not, and say so where that does not help.

    Returns
    -------
    dict
        ``seen``, as the last look found it or None where nothing is deployed; ``restarted``; and ``event``, the name
        of the one that was emitted or None.
    """
    need_server("watch")
    seen = look()
    told: dict[str, Any] = {"seen": seen, "restarted": False, "event": None}
    if seen is None or seen["ok"]:
        return told
    failed, told["restarted"] = restart(), True
    told["seen"] = again = look()
    if again is None or again["ok"]:  # stopped by a person meanwhile, or well
        return told
    what = f"{again['what']}; the restart: {failed}" if failed else again["what"]
    told["event"] = emit(EndpointUnhealthy(version=again["version"], url=again["url"], what=what))
    return told
