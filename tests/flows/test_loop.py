"""A drift event starts exactly one retraining, through the automation of a real server."""

import time

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import FlowRun

from tasks.drift import announce


def _retrains(client: SyncPrefectClient) -> list[FlowRun]:
    return client.read_flow_runs(deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=["retrain"])))


def _announce(kind: str, times: int = 1) -> list[str | None]:
    return [announce.fn({"kind": kind, "night": "2020-06-23", "reasons": ["features moved"]}) for _ in range(times)]


def test_only_a_changed_sky_retrains_and_five_events_retrain_once(client: SyncPrefectClient) -> None:
    assert _announce("none") == [None]
    assert _announce("archive") == ["starloop.archive.changed"]
    assert _announce("bad_night") == ["starloop.night.bad"]
    assert _announce("sky", times=5) == ["starloop.drift.detected"] * 5

    until = time.monotonic() + 60
    while not _retrains(client) and time.monotonic() < until:
        time.sleep(0.5)
    time.sleep(5)  # a second run would come as fast as the first
    (run,) = _retrains(client)
    assert run.parameters == {"night": "2020-06-23", "reason": "drift"}
    assert run.created_by is not None
    assert run.created_by.type == "AUTOMATION"
