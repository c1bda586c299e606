"""The local stack: Prefect, MLflow, the archive server, a worker, and the endpoint."""

import os
import sys
from pathlib import Path

from deployments import mlflow, prefect_server
from starloop import processes, quiet, release, settings, workspace
from starloop.errors import StarloopError
from starloop.nights.store import write_json
from starloop.pipeline import ROOT
from starloop.processes import Running
from starloop.workspace import Workspace

HEALTH = {"prefect": "/api/health", "mlflow": "/health", "alerts": "/health", "archive": "/health"}
"""Which of its pages says that a server of the stack is well."""
_HOST = "127.0.0.1"


def up(place: Workspace) -> dict[str, str]:
    """Start what does not run yet, wait for its health, apply the deployments; give name to address.

    Raises
    ------
    BadInput
        When a port is in use; nothing has been started.
    StarloopError
        When a process does not become healthy; what was started is stopped.
    """
    from starloop.endpoint import proxy

    if _running(place):
        return status(place)
    quiet.hush()
    ports = place.settings.ports
    needed = [(ports.prefect, "Prefect", "PREFECT"), (ports.mlflow, "MLflow", "MLFLOW")]
    needed.append((ports.alerts, "the receiver of alerts", "ALERTS"))
    if place.sky:
        needed.append((ports.archive, "the archive server", "ARCHIVE"))
    proxy.check(place.home, ports.endpoint)
    for port, who, name in needed:
        processes.need_port(port, who, f"STARLOOP_PORTS__{name}")
    started: list[Running] = []
    try:
        _start(place, started)
        write_json([process.model_dump() for process in started], place.home.stack)
        attach(place)
        from deployments.apply import apply

        apply(os.environ["PREFECT_API_URL"], place.settings)
        _serve_champion()
    except BaseException:
        for process in reversed(started):
            process.stop()
        place.home.stack.unlink(missing_ok=True)
        raise
    return status(place)


def down(place: Workspace) -> list[str]:
    """Stop what `up` started, and the endpoint with its proxy; give the names of what ran."""
    from starloop.endpoint import switch

    stopped = [process.name for process in reversed(recorded(place)) if process.stop()]
    place.home.stack.unlink(missing_ok=True)
    if switch.current(place.home):
        stopped.append("endpoint")
    switch.stop(place.home)
    return stopped


def status(place: Workspace) -> dict[str, str]:
    """Give name to address of what runs."""
    told = {process.name: process.url or f"pid {process.pid}" for process in _running(place)}
    served = place.endpoint()
    if served:
        told["endpoint"] = served.url
    elif told:
        told["endpoint"] = "none yet: there is no champion, run `starloop nightly`"
    return told


def attach(place: Workspace) -> None:
    """Point this process at the stack where it runs, else at a Prefect home of the sky's own.

    Must come before Prefect is imported.

    Raises
    ------
    StarloopError
        When the stack runs only in part.
    """
    urls = {process.name: process.url for process in _running(place)}
    for needed in ("prefect", "mlflow"):
        if urls and needed not in urls:
            raise StarloopError(f"{needed} has ended while the rest runs: run `starloop down`, then `starloop up`")
    os.environ["PREFECT_HOME"] = str(place.home.prefect.resolve())
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
    if urls:
        os.environ["PREFECT_API_URL"] = f"{urls['prefect']}/api"
        os.environ["STARLOOP_MLFLOW_URI"] = urls["mlflow"]
        settings.load.cache_clear()
        workspace.current.cache_clear()


def _start(place: Workspace, started: list[Running]) -> None:
    ports, home = place.settings.ports, place.home
    prefect_url, mlflow_url = f"http://{_HOST}:{ports.prefect}", f"http://{_HOST}:{ports.mlflow}"
    environment = {
        "PREFECT_HOME": str(home.prefect.resolve()),
        "PREFECT_API_URL": f"{prefect_url}/api",
        "STARLOOP_HOME": str(home.root.resolve()),
        "STARLOOP_SKY": str(place.sky.folder.resolve()) if place.sky else "live",
        "STARLOOP_MLFLOW_URI": mlflow_url,
        "STARLOOP_ROOT": str(ROOT),
        **prefect_server.ENVIRONMENT,
        # a run is late when a worker had every chance to take it
        "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "300",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }

    def run(name: str, command: list[str], url: str = "") -> None:
        log = home.root / "logs" / f"{name}.log"
        started.append(processes.start(name, command, log=log, url=url, environment=environment, folder=ROOT))

    def launch(name: str, module: str, *words: str, url: str = "") -> None:
        run(name, [sys.executable, "-m", module, *words], url)

    run("prefect", prefect_server.command(_HOST, ports.prefect), prefect_url)
    run("mlflow", mlflow.command(home, ports.mlflow, place.settings.mlflow_hosts), mlflow_url)
    launch("alerts", "deployments", "alerts", "serve", str(home.alerts.resolve()), str(ports.alerts),
           url=f"http://{_HOST}:{ports.alerts}")  # fmt: skip
    if place.sky:
        launch("archive", "deployments", "sky", "serve", str(place.sky.folder.resolve()), "--port", str(ports.archive),
               url=f"http://{_HOST}:{ports.archive}")  # fmt: skip
    for process in started:
        processes.wait_healthy(process, HEALTH[process.name], deadline_s=180)
    launch("worker", "prefect", "worker", "start", "--pool", "starloop", "--type", "process", "--name", "starloop")


def _serve_champion() -> None:
    place = workspace.current()
    if place.registry().champion() is not None:
        release.deploy(place.home, place.registry(), place)


def recorded(place: Workspace) -> list[Running]:
    """Give what `up` started last, whether or not it still runs."""
    return processes.recorded(place.home.stack)


def _running(place: Workspace) -> list[Running]:
    return [process for process in recorded(place) if process.alive]
