"""How a Prefect server on this machine is started."""

import sys

ENVIRONMENT = {
    # On SQLite a write refuses any other that began to read before it, and Prefect waits two seconds to say it again.
    # By default the events are written twenty at a time: just when the first of them start a run.
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "1000",
}


def command(host: str, port: int) -> list[str]:
    """Give the command that serves the API, the UI and the services."""
    return [sys.executable, "-m", "prefect", "server", "start", "--host", host, "--port", str(port)]
