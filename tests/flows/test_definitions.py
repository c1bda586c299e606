"""What is applied to a Prefect server, held against a snapshot: a change is a reviewed change."""

import json
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowRunFilter

from deployments import apply, automations
from starloop.errors import BadInput

SNAPSHOT = Path(__file__).with_name("definitions.json")


def _definitions(client: SyncPrefectClient) -> dict[str, object]:
    flows = {flow.id: flow.name for flow in client.read_flows()}
    deployments = {
        f"{flows[deployment.flow_id]}/{deployment.name}": {
            "entrypoint": deployment.entrypoint,
            "work_pool": deployment.work_pool_name,
            "tags": deployment.tags,
            "paused": deployment.paused,
            "concurrency_limit": deployment.global_concurrency_limit.limit
            if deployment.global_concurrency_limit
            else None,
            "schedules": [
                {"slug": schedule.slug, "cron": getattr(schedule.schedule, "cron", None), "active": schedule.active}
                for schedule in deployment.schedules
            ],
            "parameters": sorted((deployment.parameter_openapi_schema or {})["properties"]),
        }
        for deployment in client.read_deployments()
    }
    acting = []
    for automation in automations.wanted(client):
        body = automation.model_dump(mode="json", exclude={"owner_resource"})
        body["trigger"].pop("id", None)
        for key in ("expect", "after", "for_each"):
            body["trigger"][key] = sorted(body["trigger"][key])
        for action in body["actions"]:
            action["deployment_id"] = "retrain/retrain"
        acting.append(body)
    return {"deployments": deployments, "automations": acting}


def test_the_definitions_are_those_of_the_snapshot(client: SyncPrefectClient) -> None:
    found = json.loads(json.dumps(_definitions(client), sort_keys=True))
    assert found == json.loads(SNAPSHOT.read_text()), json.dumps(found, indent=1, sort_keys=True)


def test_a_scheduled_nightly_run_exists(client: SyncPrefectClient) -> None:
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}}),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=["nightly"])),
    )
    assert runs
    assert all(run.expected_start_time is not None and run.expected_start_time.hour == 15 for run in runs)


def test_applying_twice_changes_nothing(client: SyncPrefectClient, server: str) -> None:
    before = _definitions(client)
    assert apply.apply(server) == []
    assert _definitions(client) == before
    found = client._client.post("/automations/filter", json={}).json()
    assert [automation["name"] for automation in found] == ["starloop: drift starts retraining"]


def test_a_misspelt_key_in_prefect_yaml_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = yaml.safe_load((apply.ROOT / "prefect.yaml").read_text())
    told["deployments"][0]["schedulez"] = told["deployments"][0].pop("schedules")
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(told))
    monkeypatch.setattr(apply, "ROOT", tmp_path)
    with pytest.raises(BadInput, match="deployment nightly has the unknown key schedulez"):
        apply.definitions()
