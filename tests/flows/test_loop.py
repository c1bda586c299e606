"""Drift events start exactly one retraining, through the automation of a real server; or they fail aloud."""

import time

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.drift_check import drift_check
from flows.watch import watch
from starloop import processes
from starloop.errors import BadInput, StarloopError
from tasks.drift import announce
from tasks.events import ArchiveChanged, BadNight, DriftDetected, emit

SEEN = {"model_version": 3, "night": "2020-06-23", "nights": ["2020-06-22", "2020-06-23"], "reasons": ["moved"]}
DRIFT = DriftDetected.model_validate(SEEN)


class DriftElsewhere(DriftDetected):
    """Drift of another model."""

    @property
    def resource(self) -> str:
        """It."""
        return "starloop.model.another"


def _retrains(client: SyncPrefectClient, at_least: int) -> list[FlowRun]:
    """Wait for so many runs, and then as long as one more would take to come."""
    named = DeploymentFilter(name=DeploymentFilterName(any_=["retrain"]))
    until = time.monotonic() + 60
    while len(client.read_flow_runs(deployment_filter=named)) < at_least and time.monotonic() < until:
        time.sleep(0.5)
    time.sleep(5)
    return client.read_flow_runs(deployment_filter=named)


def test_five_drift_events_in_ten_seconds_retrain_once_and_only_a_changed_sky_does(client: SyncPrefectClient) -> None:
    emit(ArchiveChanged.model_validate({**SEEN, "archives": ["IRSA"], "bands": ["g"], "what": ["release"]}))
    emit(BadNight(night="2020-06-23", reasons=["odd"]))
    assert announce.fn({**SEEN, "kind": "none"}) is None
    for _ in range(5):
        emit(DRIFT)
        time.sleep(2)

    (run,) = _retrains(client, 1)
    assert run.parameters == {
        "night": "2020-06-23",
        "nights": ["2020-06-22", "2020-06-23"],
        "reason": "drift: the sky has changed",
    }
    assert run.created_by is not None
    assert (run.created_by.type, run.created_by.display_value) == ("AUTOMATION", "starloop: drift-retrains")

    emit(DriftElsewhere.model_validate(SEEN))  # each model cools down by itself
    assert len(_retrains(client, 2)) == 2


def test_without_a_lasting_server_nothing_pretends_to_work() -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        for refuses in (drift_check.fn, watch.fn, lambda: emit(DRIFT)):
            with pytest.raises(BadInput, match="needs a running Prefect server"):
                refuses()


def test_an_event_that_the_server_does_not_take_is_an_error() -> None:
    nobody = f"http://127.0.0.1:{processes.free_port()}/api"
    with (
        temporary_settings({PREFECT_API_URL: nobody}),
        pytest.raises(StarloopError, match="did not reach the Prefect server"),
    ):
        emit(DRIFT)
