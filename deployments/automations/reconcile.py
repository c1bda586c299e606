"""Keeping a server's automations in step with the code, by name."""

import difflib
import json
from dataclasses import dataclass
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.schemas.automations import Automation, AutomationCore

from deployments.automations import alerts, channel, loop, runs
from deployments.automations.parts import OURS, Server
from starloop.settings import Settings


@dataclass(frozen=True)
class Change:
    """One thing that `apply` does.

    Parameters
    ----------
    what : str
        In words.
    lines : list of str
        How the definition differs, as `diff` shows it.
    """

    what: str
    lines: list[str]


def wanted(server: Server) -> list[AutomationCore]:
    """Give every automation there should be on a server."""
    return [*loop.automations(server), *alerts.automations(server), *runs.automations(server)]


def ours(client: SyncPrefectClient) -> list[Automation]:
    """Give the automations of a server that are ours to keep in step."""
    return [found for found in client.read_automations() if found.name.startswith(OURS)]


def diff(client: SyncPrefectClient, settings: Settings) -> list[Change]:
    """Give what `apply` would do."""
    return _reconcile(client, settings, apply=False)


def apply(client: SyncPrefectClient, settings: Settings) -> list[Change]:
    """Make the server's channel and automations those of the code; give what was changed.

    One that is right already is not touched, as any update would reset its cool-down. One that a person has paused
    stays paused.
    """
    return _reconcile(client, settings, apply=True)


def _reconcile(client: SyncPrefectClient, settings: Settings, *, apply: bool) -> list[Change]:
    changes = []
    if told := channel.change(client, settings):
        changes.append(Change(told, []))
        if apply:
            channel.apply(client, settings)
    want = {spec.name: spec for spec in wanted(Server.of(client))}
    have: dict[str, Automation] = {}
    for found in ours(client):
        if found.name in want and found.name not in have:
            have[found.name] = found
            continue
        changes.append(Change(f"delete {found.name}", []))
        if apply:
            client.delete_automation(found.id)
    for name, spec in want.items():
        there = have.get(name)
        if there is None:
            changes.append(Change(f"create {name}", []))
            if apply:
                client.create_automation(spec)
        elif lines := _differing(there, spec):
            changes.append(Change(f"update {name}", lines))
            if apply:
                client.update_automation(there.id, _as_it_stands(spec, there))
    return changes


def body(automation: AutomationCore) -> dict[str, Any]:
    """Give the parts of an automation that are the code's to say, its sets as sorted lists."""
    core = AutomationCore.model_validate(automation.model_dump(include=set(AutomationCore.model_fields)))
    told = core.model_dump(mode="json", exclude={"owner_resource", "enabled"})
    for key in ("expect", "after", "for_each"):
        told["trigger"][key] = sorted(told["trigger"][key])
    told["trigger"].pop("id", None)
    return told


def _as_it_stands(spec: AutomationCore, there: AutomationCore) -> AutomationCore:
    # the client leaves out what nobody has set, also what makes an action the action it is
    told = spec.model_dump(mode="json", exclude={"owner_resource"})
    return AutomationCore.model_validate({**told, "enabled": there.enabled})


def _differing(there: AutomationCore, spec: AutomationCore) -> list[str]:
    before, after = (json.dumps(body(one), indent=1, sort_keys=True).splitlines() for one in (there, spec))
    return list(difflib.unified_diff(before, after, "server", "code", lineterm="", n=1))
