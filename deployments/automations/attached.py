"""The server that a command about automations speaks to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from starloop.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


@contextmanager
def attached() -> Iterator[tuple["SyncPrefectClient", Settings]]:
    """Give a client of the running stack's server, or of the one PREFECT_API_URL names, and the settings.

    Whatever imports Prefect must be imported after this: Prefect reads its settings once, and would start a temporary
    server on the same database where they do not name one.

    Raises
    ------
    BadInput
        When there is neither.
    """
    from deployments import stack
    from starloop import workspace
    from starloop.errors import BadInput

    place = workspace.current()
    stack.attach(place)
    if "PREFECT_API_URL" not in os.environ:
        raise BadInput("no Prefect server runs for this sky: run `starloop up`, or set PREFECT_API_URL")
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client, place.settings
