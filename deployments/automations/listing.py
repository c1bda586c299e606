"""The automations of a server, in words."""

from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import ActionTypes, ChangeFlowRunState, RunDeployment, SendNotification
from prefect.events.filters import EventFilter, EventNameFilter, EventResourceFilter
from prefect.events.schemas.automations import Automation, EventTrigger, Posture
from rich.box import SIMPLE_HEAD
from rich.table import Table

from deployments.automations.parts import OURS
from deployments.automations.reconcile import ours


def table(client: SyncPrefectClient) -> Table:
    """Give one row for each of ours."""
    shown = Table(box=SIMPLE_HEAD, collapse_padding=True)
    shown.add_column("automation", no_wrap=True)
    for name in ("fires", "does", "on", "last fired"):
        shown.add_column(name)
    deployments = {deployment.id: deployment.name for deployment in client.read_deployments()}
    for found in ours(client):
        does = " and ".join(_does(action, deployments) for action in found.actions)
        on = "yes" if found.enabled else "paused"
        shown.add_row(found.name.removeprefix(OURS), _fires(found), does, on, _fired(client, found))
    return shown


def _fires(automation: Automation) -> str:
    trigger = automation.trigger
    if not isinstance(trigger, EventTrigger):
        return trigger.type
    if trigger.posture == Posture.Proactive:
        after = f"after {_events(trigger.after)}, " if trigger.after else ""
        return f"{after}no {_events(trigger.expect)}{_of(trigger)} within {_span(trigger.within)}"
    again = f", at most once in {_span(trigger.within)}" if trigger.within else ""
    return f"{_events(trigger.expect)}{_of(trigger)}{again}"


def _events(names: set[str]) -> str:
    """Say which; the first parts of their names once."""
    places: dict[str, list[str]] = {}
    for name in sorted(names):
        place, _, last = name.removeprefix("prefect.").removeprefix("starloop.").rpartition(".")
        places.setdefault(place, []).append(last)
    return ", ".join(f"{place} {' / '.join(lasts)}" for place, lasts in places.items())


def _of(trigger: EventTrigger) -> str:
    """Say what the event must be related to."""
    related = trigger.match_related
    names = [] if isinstance(related, list) else related.get("prefect.resource.name") or []
    return f" of {', '.join(names)}" if names else ""


def _does(action: ActionTypes, deployments: dict[UUID, str]) -> str:
    if isinstance(action, RunDeployment) and action.deployment_id:
        return f"runs {deployments.get(action.deployment_id, 'a deployment that is gone')}"
    if isinstance(action, SendNotification):
        return "sends an alert"
    return f"sets the run {action.state.value}" if isinstance(action, ChangeFlowRunState) else action.type


def _span(within: timedelta) -> str:
    minutes, seconds = divmod(int(within.total_seconds()), 60)
    if seconds:
        return f"{60 * minutes + seconds} s"
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _fired(client: SyncPrefectClient, automation: Automation) -> str:
    """Give the last time it fired that the server still knows of."""
    of = f"prefect.automation.{automation.id}"
    asked = EventFilter(
        event=EventNameFilter(name=["prefect.automation.triggered"]), resource=EventResourceFilter(id=[of])
    )
    found = client.read_events(asked, limit=1).events
    return f"{found[0].occurred:%Y-%m-%d %H:%M:%S} UTC" if found else "-"
