"""What became of a retraining reaches a real server: a promotion starts a deployment, giving up is said."""

import time
from contextlib import nullcontext
from typing import Any, cast

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

from flows import retrain
from starloop import workspace
from starloop.nights.calendar import Night
from tasks.events import RetrainingStopped


class _Place:
    """A workspace whose stages are not the point."""

    def processed(self, _: str | None) -> Night:
        return Night.parse("2020-06-23")

    def alone(self) -> nullcontext[None]:
        return nullcontext()

    def stand_at(self, _: Night) -> None:
        pass


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Put a verdict in the place of training; what the test puts in is what comes out."""
    told: dict[str, Any] = {"worth": None}
    monkeypatch.setattr(workspace, "current", _Place)
    for name in ("reproduce", "keep_lock", "show_model"):
        monkeypatch.setattr(retrain, name, lambda *_: None)
    for name in ("worth", "challenge"):
        monkeypatch.setattr(retrain, name, lambda *_, name=name: told[name])
    return told


def _within_20_s(look: Any) -> Any:
    until = time.monotonic() + 20
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.5)
    return found


def test_a_promotion_starts_the_deployment_of_its_version(client: SyncPrefectClient, trained: dict[str, Any]) -> None:
    trained["challenge"] = {"version": 41, "previous": 7, "promoted": True, "verdict": "promoted", "reasons": []}
    assert retrain.retrain.fn(reason="drift")["version"] == 41
    named = DeploymentFilter(name=DeploymentFilterName(any_=["deploy"]))

    def deployed() -> list[dict[str, Any]]:
        runs = client.read_flow_runs(deployment_filter=named)
        return [run.parameters for run in runs if run.parameters.get("version") == 41]

    assert _within_20_s(deployed) == [{"version": 41}]


def test_giving_up_is_told_once_with_its_reasons(client: SyncPrefectClient, trained: dict[str, Any]) -> None:
    trained["worth"] = {"refused": 3, "reasons": ["3 challengers in a row"], "promoted": False}
    retrain.retrain.fn(reason="drift")

    def told() -> list[dict[str, Any]]:
        asked = {"filter": {"event": {"name": [RetrainingStopped.name]}}}
        found = client.request("POST", "/events/filter", json=asked).raise_for_status().json()["events"]
        return [cast("dict[str, Any]", event["payload"]) for event in found]

    assert _within_20_s(told) == [{"refused": 3, "reasons": ["3 challengers in a row"]}]
    trained["worth"] = {"refused": 0, "reasons": ["nothing new"], "promoted": False}
    retrain.retrain.fn(reason="requested")
    time.sleep(6)  # longer than the server takes to write an event down
    assert len(told()) == 1
