"""A Prefect server of its own, in a folder of its own."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments import prefect_server
from starloop import processes

LOG = "server.log"
"""Its log, in its folder."""


@contextmanager
def server(folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Start a server with all its services, and point this process at it meanwhile; give its API's address.

    Parameters
    ----------
    folder : Path
        Its home, and the place of its log.
    environment : mapping of str to str
        Its settings.
    """
    port = processes.free_port()
    running = processes.start(
        "Prefect",
        prefect_server.command("127.0.0.1", port),
        log=folder / LOG,
        url=f"http://127.0.0.1:{port}",
        environment={**os.environ, **prefect_server.ENVIRONMENT, "PREFECT_HOME": str(folder), **environment},
    )
    try:
        processes.wait_healthy(running, "/api/health", deadline_s=180)
        with temporary_settings({PREFECT_API_URL: f"{running.url}/api"}):
            yield f"{running.url}/api"
    finally:
        running.stop()
