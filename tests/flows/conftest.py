"""A real Prefect server, with starloop's definitions applied."""

from collections.abc import Iterator

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import get_current_settings
from prefect.testing.utilities import prefect_test_harness

from deployments import apply


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Start a server and apply every definition once; give its API's address."""
    with prefect_test_harness(server_startup_timeout=180):
        url = get_current_settings().api.url
        assert url is not None
        apply.apply(url)
        yield url


@pytest.fixture
def client(server: str) -> Iterator[SyncPrefectClient]:
    """A client of the server."""
    with get_client(sync_client=True) as client:
        yield client
