"""Take registry and endpoint back together."""

from typing import Any

from prefect import flow

from tasks.serving import switch_endpoint
from tasks.who import who


@flow(name="rollback")
def rollback(to: int | None = None) -> dict[str, Any]:
    """Make an earlier version the champion again and serve it.

    Parameters
    ----------
    to : int, optional
        The version; the previous champion unless given.
    """

    from starloop import workspace

    return switch_endpoint(workspace.current().registry().rollback(to, who=who()))
