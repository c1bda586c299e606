"""A real Prefect server with all its services, and starloop's definitions applied to it."""

import os
import socket
import sys
from collections.abc import Iterator

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client

from starloop import processes, quiet

quiet.hush()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server and apply every definition once; give its API's address.

    Prefect's own test harness starts a server without the scheduler, on which no schedule can be seen to work.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    home = tmp_path_factory.mktemp("prefect")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    environment = {**os.environ, "PREFECT_HOME": str(home)}
    running = processes.start(
        "Prefect", command, log=home / "log", url=f"http://127.0.0.1:{port}", environment=environment
    )
    try:
        processes.wait_healthy(running, "/api/health", deadline_s=180)
        with temporary_settings({PREFECT_API_URL: f"{running.url}/api"}):
            from deployments.apply import apply

            apply(f"{running.url}/api")
            yield f"{running.url}/api"
    finally:
        running.stop()


@pytest.fixture
def client(server: str) -> Iterator[SyncPrefectClient]:
    """A client of the server."""
    with get_client(sync_client=True) as client:
        yield client
