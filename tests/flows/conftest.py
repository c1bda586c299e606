"""A real Prefect server with all its services, and starloop's definitions applied to it."""

from collections.abc import Iterator

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client

from starloop import quiet, settings

quiet.hush()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server and apply every definition once; give its API's address.

    Prefect's own test harness starts a server without the scheduler, on which no schedule can be seen to work.
    """
    from deployments.apply import apply
    from deployments.trial.server import server as start

    with start(tmp_path_factory.mktemp("prefect"), {}) as api_url:
        apply(api_url, settings.Settings())
        yield api_url


@pytest.fixture
def client(server: str) -> Iterator[SyncPrefectClient]:
    """A client of the server."""
    with get_client(sync_client=True) as client:
        yield client
