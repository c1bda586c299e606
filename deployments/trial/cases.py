"""How each automation is made to fire, and what must come of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State, StateType
from prefect.states import Crashed as CrashedState
from prefect.states import Failed, Running, Scheduled

from deployments.trial.effects import Crashed, Effect, Ran, Told
from tasks.events import (
    ArchiveChanged,
    BadNight,
    DriftDetected,
    EndpointUnhealthy,
    Event,
    ModelPromoted,
    RetrainingStopped,
    emit,
)

SHORT = timedelta(seconds=12)
"""Stands in for the minutes or hours that an automation waits for what does not come; Prefect's least is 10 s."""
_NIGHT, _NIGHTS = "2020-06-23", ["2020-06-22", "2020-06-23"]
_SEEN = {"model_version": 3, "night": _NIGHT, "nights": _NIGHTS}
_FINDER = "trial"
_FOUND = f", found by the run {_FINDER}"
_BAD_ENDS = {"Failed": Failed(), "Crashed": CrashedState(), "TimedOut": State(type=StateType.FAILED, name="TimedOut")}


@dataclass(frozen=True)
class Case:
    """One automation's trial.

    Parameters
    ----------
    how : str
        What makes it fire, in words.
    fire : callable
        Does it; gives the flow runs it has made.
    effects : tuple of Effect
        All that must come of it.
    bar_s : float, optional
        The most seconds it may take.
    """

    how: str
    fire: Callable[[SyncPrefectClient], list[UUID]]
    effects: tuple[Effect, ...]
    bar_s: float | None = None


class _WithoutVersion(Event):
    """A promotion that says nothing: the deployment it starts cannot be given a version."""

    name: ClassVar[str] = ModelPromoted.name


def _sends(event: Event, *, by: str | None = None) -> Callable[[SyncPrefectClient], list[UUID]]:
    def fire(client: SyncPrefectClient) -> list[UUID]:
        emit(event, client.create_flow_run_from_deployment(_found(client, by), name=_FINDER).id if by else None)
        return []

    return fire


def _run(client: SyncPrefectClient, deployment: str, state: State) -> UUID:
    return client.create_flow_run_from_deployment(_found(client, deployment), state=state).id


def _found(client: SyncPrefectClient, deployment: str) -> UUID:
    return client.read_deployment_by_name(f"{deployment}/{deployment}").id


def _ends(deployment: str) -> Callable[[SyncPrefectClient], list[UUID]]:
    def fire(client: SyncPrefectClient) -> list[UUID]:
        made = []
        for name, state in _BAD_ENDS.items():
            made.append(_run(client, deployment, Running()))
            said = state.model_copy(update={"id": uuid4(), "message": f"a trial of {name}"})
            client.set_flow_run_state(made[-1], said, force=True)
        return made

    return fire


def _never_starts(client: SyncPrefectClient) -> list[UUID]:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    return [_run(client, "nightly", Scheduled(scheduled_time=an_hour_ago))]


def _dies(client: SyncPrefectClient) -> list[UUID]:
    run = _run(client, "rollback", Running())
    beat = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "prefect.flow-run.heartbeat",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{run}"},
    }
    client.request("POST", "/events", json=[beat]).raise_for_status()
    return [run]


def _nothing(_: SyncPrefectClient) -> list[UUID]:
    return []


CASES = {
    "nightly-missing": Case(
        f"nothing for {SHORT.seconds} s (for 30 h)",
        _nothing,
        (Told("no night was completed", ""),),
    ),
    "zombie-crashed": Case(
        f"a running run, one heartbeat, {SHORT.seconds} s of silence (10 min)",
        _dies,
        (Crashed(),),
    ),
    "nightly-late": Case(
        "a run that nobody starts, 2 s late (300 s)",
        _never_starts,
        (Told("a nightly run is late", "should run by now"),),
    ),
    "drift-retrains": Case(
        DriftDetected.name,
        _sends(DriftDetected.model_validate({**_SEEN, "reasons": ["a trial"]}), by="drift-check"),
        (
            Ran(
                "retrain",
                {"night": _NIGHT, "nights": _NIGHTS, "reason": f"drift: the sky has changed{_FOUND}"},
            ),
        ),
        bar_s=2.0,
    ),
    "promotion-deploys": Case(
        ModelPromoted.name,
        _sends(ModelPromoted(version=4, previous=3, why="a trial")),
        (Ran("deploy", {"version": 4}),),
    ),
    "unhealthy-rolls-back": Case(
        EndpointUnhealthy.name,
        _sends(EndpointUnhealthy(version=4, url="http://127.0.0.1:3000", what="it is a trial"), by="watch"),
        (
            Ran("rollback", {"leaving": 4, "why": f"the endpoint is unhealthy: it is a trial{_FOUND}"}),
            Told("the endpoint is rolled back", "it is a trial"),
        ),
    ),
    "archive-changed": Case(
        ArchiveChanged.name,
        _sends(
            ArchiveChanged.model_validate(
                {**_SEEN, "reasons": ["a trial"], "archives": ["IRSA"], "bands": ["g"], "what": ["release"]}
            )
        ),
        (Told("IRSA changed", "release in g"),),
    ),
    "bad-night": Case(
        BadNight.name,
        _sends(BadNight(night=_NIGHT, reasons=["a trial"])),
        (Told(f"{_NIGHT} was a bad night", "a trial"),),
    ),
    "retraining-stopped": Case(
        RetrainingStopped.name,
        _sends(RetrainingStopped(refused=3, reasons=["a trial"])),
        (Told("retraining has stopped", "3 challengers in a row"),),
    ),
    "nightly-failed": Case(
        "runs that failed, crashed and timed out",
        _ends("nightly"),
        tuple(Told("a nightly run did not end well", f"is {name}: a trial of {name}") for name in _BAD_ENDS),
    ),
    "run-failed": Case(
        "runs of drift-check that failed, crashed and timed out",
        _ends("drift-check"),
        (Told("a drift-check run did not end well", "a trial of"),),
    ),
    "action-failed": Case(
        "a promotion without its version",
        _sends(_WithoutVersion()),
        (Told("an automation's action failed", "promotion-deploys"),),
    ),
}
"""By name; those that take long come first, and are waited for last."""
SLOW = ("nightly-missing", "zombie-crashed", "nightly-late")
