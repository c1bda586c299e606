"""The automations as code: what an event starts."""

from datetime import timedelta
from typing import Any

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

OURS = "starloop: "
COOL_DOWN = timedelta(hours=6)
"""One retraining a model and six hours, however many nights report the same drift."""


def wanted(client: SyncPrefectClient) -> list[AutomationCore]:
    """Give every automation there should be on a server that has the deployments."""
    retrain = client.read_deployment_by_name("retrain/retrain")
    return [
        AutomationCore(
            name=f"{OURS}drift starts retraining",
            description="The sky has changed: train a challenger that has seen the new nights.",
            trigger=EventTrigger(
                expect={"starloop.drift.detected"},
                match={"prefect.resource.id": "starloop.model.*"},
                for_each={"prefect.resource.id"},
                posture=Posture.Reactive,
                threshold=1,
                within=COOL_DOWN,
            ),
            actions=[
                RunDeployment(
                    source="selected",
                    deployment_id=retrain.id,
                    # A bare template always gives a string; the wrapper keeps the payload's own type.
                    parameters={"night": _payload("night"), "reason": "drift"},
                )
            ],
        )
    ]


def reconcile(client: SyncPrefectClient) -> list[str]:
    """Make the server's automations those of `wanted`, by name; give what was changed.

    One that is right already is not touched: any update would reset its cool-down.
    """
    changed = []
    want = {spec.name: spec for spec in wanted(client)}
    have: dict[str, Automation] = {}
    for found in client._client.post("/automations/filter", json={}).raise_for_status().json():
        automation = Automation.model_validate(found)
        if not automation.name.startswith(OURS):
            continue
        if automation.name in want and automation.name not in have:
            have[automation.name] = automation
        else:
            client._client.delete(f"/automations/{automation.id}").raise_for_status()
            changed.append(f"deleted {automation.name}")
    for name, spec in want.items():
        if name not in have:
            client._client.post("/automations/", json=_body(spec)).raise_for_status()
            changed.append(f"created {name}")
        elif _body(have[name]) != _body(spec):
            client._client.put(f"/automations/{have[name].id}", json=_body(spec)).raise_for_status()
            changed.append(f"updated {name}")
    return changed


def _payload(key: str) -> dict[str, Any]:
    template = f"{{{{ event.payload.{key} | tojson }}}}"
    return {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": template}}


def _body(automation: AutomationCore) -> dict[str, Any]:
    """The parts of an automation that are ours to say, as the server takes them; sets are sorted lists."""
    core = AutomationCore.model_validate(automation.model_dump(include=set(AutomationCore.model_fields)))
    body = core.model_dump(mode="json", exclude={"owner_resource"})
    for key in ("expect", "after", "for_each"):
        body["trigger"][key] = sorted(body["trigger"][key])
    body["trigger"].pop("id", None)
    return body
