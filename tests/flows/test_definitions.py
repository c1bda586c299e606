"""What is applied to a Prefect server, held against a snapshot: a change is a reviewed change."""

import difflib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowRunFilter

from deployments import apply
from deployments.automations import channel, reconcile
from deployments.automations.parts import Server
from starloop.errors import BadInput
from starloop.settings import Settings

SNAPSHOT = Path(__file__).with_name("definitions.json")
NOTHING_SAID = Settings(alerts=None)
BAD_NIGHT, LATE = "starloop: bad-night", "starloop: nightly-late"


def _deployments(client: SyncPrefectClient) -> dict[str, dict[str, Any]]:
    flows = {flow.id: flow.name for flow in client.read_flows()}
    told = {}
    for deployment in client.read_deployments():
        limit, options = deployment.global_concurrency_limit, deployment.concurrency_options
        told[f"{flows[deployment.flow_id]}/{deployment.name}"] = {
            "description": deployment.description,
            "entrypoint": deployment.entrypoint,
            "work_pool": deployment.work_pool_name,
            "tags": deployment.tags,
            "paused": deployment.paused,
            "concurrency_limit": limit.limit if limit else None,
            "collision_strategy": options.collision_strategy if options else None,
            "schedules": [
                {"slug": schedule.slug, "active": schedule.active, **schedule.schedule.model_dump(mode="json")}
                for schedule in deployment.schedules
            ],
            "parameters": sorted((deployment.parameter_openapi_schema or {})["properties"]),
        }
    return told


def _automations(client: SyncPrefectClient) -> list[dict[str, Any]]:
    """Read them back, the server's ids as names."""
    names = {str(deployment.id): f"deployment {deployment.name}" for deployment in client.read_deployments()}
    block = channel.find(client)
    names[str(block.id if block else None)] = f"block {channel.BLOCK}"
    told = []
    for found in sorted(reconcile.ours(client), key=lambda found: found.name):
        body = {**reconcile.body(found), "enabled": found.enabled}
        for action in body["actions"]:
            for key in ("deployment_id", "block_document_id"):
                if key in action:
                    action[key] = names[action[key]]
        told.append(body)
    return told


def _raw(client: SyncPrefectClient) -> dict[str, dict[str, Any]]:
    """Give the automations as the server has them, with the time of their last change."""
    answer = client.request("POST", "/automations/filter", json={})
    return {automation["name"]: automation for automation in answer.json()}


def test_the_definitions_are_those_of_the_snapshot(client: SyncPrefectClient, tmp_path: Path) -> None:
    definitions = {"deployments": _deployments(client), "automations": _automations(client)}
    found = json.dumps(definitions, indent=1, sort_keys=True) + "\n"
    (tmp_path / SNAPSHOT.name).write_text(found)
    lines = difflib.unified_diff(SNAPSHOT.read_text().splitlines(), found.splitlines(), "snapshot", "code", lineterm="")
    differing = "\n".join(lines)
    assert not differing, f"{differing}\nif it is meant: cp {tmp_path / SNAPSHOT.name} {SNAPSHOT}"


@pytest.mark.parametrize(("deployment", "hours"), [("nightly", {15}), ("drift-check", {16}), ("watch", set(range(24)))])
def test_runs_of_every_schedule_are_waiting(client: SyncPrefectClient, deployment: str, hours: set[int]) -> None:
    runs = client.read_flow_runs(
        flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}}),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[deployment])),
    )
    assert runs
    assert {run.expected_start_time.hour for run in runs if run.expected_start_time} <= hours


def test_applying_twice_changes_nothing(client: SyncPrefectClient, server: str) -> None:
    before = _raw(client)
    assert apply.apply(server, NOTHING_SAID) == []
    assert reconcile.diff(client, NOTHING_SAID) == []
    assert _raw(client) == before


def test_only_what_differs_is_put_back_and_what_a_person_paused_stays_paused(client: SyncPrefectClient) -> None:
    before = _raw(client)
    specs = {spec.name: spec for spec in reconcile.wanted(Server.of(client))}
    stray = specs[BAD_NIGHT].model_copy(update={"name": "starloop: of an earlier release"})
    client.create_automation(stray)
    theirs = client.create_automation(specs[BAD_NIGHT].model_copy(update={"name": "a person's own"}))
    client.request("DELETE", f"/automations/{before[LATE]['id']}")  # type: ignore[arg-type]
    other = specs[BAD_NIGHT].model_dump(mode="json", exclude={"owner_resource"}) | {"enabled": False}
    other["trigger"]["threshold"] = 2
    client.request("PUT", f"/automations/{before[BAD_NIGHT]['id']}", json=other)  # type: ignore[arg-type]

    meant = {f"delete {stray.name}", f"create {LATE}", f"update {BAD_NIGHT}"}
    said = reconcile.diff(client, NOTHING_SAID)
    assert {change.what for change in said} == meant
    assert [line.strip() for change in said for line in change.lines[2:] if line[0] in "+-"] == [
        '-  "threshold": 2,',
        '+  "threshold": 1,',
    ]
    assert {change.what for change in reconcile.apply(client, NOTHING_SAID)} == meant
    assert reconcile.diff(client, NOTHING_SAID) == []

    after = _raw(client)
    assert after.pop("a person's own")["id"] == str(theirs)
    assert {name for name in before | after if before.get(name) != after.get(name)} == {LATE, BAD_NIGHT}
    assert (after[BAD_NIGHT]["enabled"], after[BAD_NIGHT]["trigger"]["threshold"]) == (False, 1)

    client.delete_automation(theirs)
    client.request("PATCH", f"/automations/{after[BAD_NIGHT]['id']}", json={"enabled": True})  # type: ignore[arg-type]


def test_a_misspelt_key_in_prefect_yaml_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = yaml.safe_load((apply.ROOT / "prefect.yaml").read_text())
    told["deployments"][0]["schedulez"] = told["deployments"][0].pop("schedules")
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(told))
    monkeypatch.setattr(apply, "ROOT", tmp_path)
    with pytest.raises(BadInput, match="deployment nightly has the unknown key schedulez"):
        apply.definitions()
