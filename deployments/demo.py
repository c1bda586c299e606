"""The closed loop as a story: the sky changes, a model is trained that has seen it, takes over, and goes back again."""

import json
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starloop import settings, workspace
from starloop.errors import StarloopError
from starloop.nights.calendar import Night
from starloop.pipeline import ROOT
from starloop.workspace import Workspace

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun

NAME = "demo-drift"
FIRST, CHANGED, LAST = "2020-06-19", "2020-06-20", "2020-06-21"
_PORTS = ("PREFECT", "MLFLOW", "ARCHIVE", "ENDPOINT", "ALERTS")
_PATIENCE_S = 600.0

Say = Callable[[str], None]


def stage() -> Workspace:
    """Make the sky and an empty home of the story's own, on free ports, and point this process at them.

    What an earlier telling left behind is stopped and removed.
    """
    from deployments import stack
    from starloop.sky.simulator.scenario import parse
    from starloop.sky.simulator.write import make_sky

    sky, home = ROOT / "data" / "skies" / NAME, ROOT / "data" / NAME
    os.environ |= {"STARLOOP_SKY": str(sky), "STARLOOP_HOME": str(home)}
    os.environ |= {f"STARLOOP_PORTS__{name}": str(port) for name, port in zip(_PORTS, _free_ports(), strict=True)}
    settings.load.cache_clear()
    workspace.current.cache_clear()
    if (sky / "sky.json").exists():
        stack.down(workspace.current())
        workspace.current.cache_clear()
    for folder in (sky, home):
        shutil.rmtree(folder, ignore_errors=True)
    first, last = Night.parse("2020-01-01"), Night.parse("2020-06-30")
    changes = [parse(f"population:{CHANGED}")]
    make_sky(sky, objects=2000, seed=1, first=first, last=last, name=NAME, scenarios=changes)
    return workspace.current()


def tell(place: Workspace, say: Say) -> dict[str, float]:
    """Play the story on the running stack, and say what happens.

    Returns
    -------
    dict
        Seconds: ``event`` from the drift check's end to the retraining's creation, ``loop`` from the drift check's
        start to the new model's answer, ``rollback`` until the old one answers again.

    Raises
    ------
    StarloopError
        When a run fails, or the loop does not close in time.
    """
    say(f"[bold]1. An ordinary night.[/] {FIRST}: fetched, checked, processed; a first champion is trained and served.")
    _run("nightly/nightly", {"night": FIRST}, say)
    before = _answer(place, say)

    say(f"\n[bold]2. The survey turns to the Galactic plane[/] on {CHANGED}; nobody tells starloop.")
    say("   (A loop this young learns from every night, as its labels grow by half: these two are told not to.)")
    for night in (CHANGED, LAST):
        _run("nightly/nightly", {"night": night, "train": False}, say)

    say("\n[bold]3. The nightly drift check[/] compares the last nights with what the champion was trained on.")
    began = time.monotonic()
    check = _run("drift-check/drift-check", {"night": LAST}, say)
    verdict = json.loads((place.home.drift(Night.parse(LAST)) / "verdict.json").read_text())["verdict"]
    say(f"   [bold]{verdict['kind']}[/]; all nights and their measures: {place.home.drift_page.as_uri()}")
    for reason in verdict["reasons"]:
        say(f"   - {reason}")
    if verdict["kind"] != "sky":
        raise StarloopError(f"the drift check says {verdict['kind']}, not sky: see {place.home.drift_page}")

    say("\n[bold]4. The event starts a retraining;[/] nobody is asked.")
    retrain = _started_by_an_event("retrain", say)
    event_s = (retrain.created - check.end_time).total_seconds() if retrain.created and check.end_time else 0.0
    _finish(retrain.id, say)

    say("\n[bold]5. The challenger has passed the gate and is put behind the endpoint,[/] which answers all the while.")
    _await(lambda: _served(place) != before["model_version"], "the new champion to be served")
    after = _answer(place, say)
    loop_s = time.monotonic() - began

    say("\n[bold]6. And back.[/] One command takes registry and endpoint to the version before.")
    began = time.monotonic()
    _run("rollback/rollback", {"why": "the demo shows the way back"}, say)
    _await(lambda: _served(place) == before["model_version"], "the old champion to be served")
    rollback_s = time.monotonic() - began
    for entry in place.registry().history():
        say(f"   version {entry.old or '-'} → {entry.new}: {entry.why} ({entry.who})")
    if after["model_version"] == before["model_version"]:
        raise StarloopError("the loop did not close: the same version answers before and after the drift")
    return {"event": event_s, "loop": loop_s, "rollback": rollback_s}


@contextmanager
def _client() -> "Iterator[SyncPrefectClient]":
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        yield client


def _run(deployment: str, parameters: dict[str, Any], say: Say) -> "FlowRun":
    with _client() as client:
        found = client.read_deployment_by_name(deployment)
        run = client.create_flow_run_from_deployment(found.id, parameters=parameters)
    return _finish(run.id, say)


def _finish(run: UUID, say: Say) -> "FlowRun":
    """Wait until a run has ended well, and say where it can be looked at."""
    with _client() as client:
        found = client.read_flow_run(run)
        say(f"   run {found.name} with {found.parameters}: {_link(found)}")
        _await(lambda: _final(client.read_flow_run(run)), f"the run {found.name}")
        ended = client.read_flow_run(run)
    if ended.state is None or not ended.state.is_completed():
        raise StarloopError(f"the run {ended.name} ended as {ended.state_name}: see {_link(ended)}")
    say(f"   {ended.state_name} after {ended.total_run_time.total_seconds():.0f} s")
    return ended


def _started_by_an_event(deployment: str, say: Say) -> "FlowRun":
    """Wait for the run that an automation creates after another."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    wanted = DeploymentFilter(name=DeploymentFilterName(any_=[deployment]))
    with _client() as client:
        _await(lambda: bool(client.read_flow_runs(deployment_filter=wanted)), f"a run of {deployment}")
        (run,) = client.read_flow_runs(deployment_filter=wanted)
    by = run.created_by
    say(f"   created by {by.type if by else 'nobody'}: {by.display_value if by else ''}")
    return run


def _final(run: "FlowRun") -> bool:
    return run.state is not None and run.state.is_final()


def _link(run: "FlowRun") -> str:
    return f"{os.environ['PREFECT_API_URL'].removesuffix('/api')}/runs/flow-run/{run.id}"


def _answer(place: Workspace, say: Say) -> dict[str, Any]:
    """Ask the endpoint about the first object of the first night."""
    import pyarrow.parquet as pq

    from starloop.observed import ask

    oid = pq.read_table(place.home.predictions(Night.parse(FIRST)), columns=["oid"])["oid"][0].as_py()
    told = ask(place, oid)
    say(f"   {told['url']} says {oid} is {told['decision']}, version {told['model_version']}")
    return told


def _served(place: Workspace) -> int | None:
    from starloop.endpoint import switch

    served = switch.current(place.home)
    return served.version if served else None


def _await(true: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not true():
        if time.monotonic() > until:
            raise StarloopError(f"waited {_PATIENCE_S:.0f} s in vain for {what}: see `starloop status` and its logs")
        time.sleep(0.25)


def _free_ports() -> list[int]:
    sockets = [socket.socket() for _ in _PORTS]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in sockets]
    for one in sockets:
        one.close()
    return ports
