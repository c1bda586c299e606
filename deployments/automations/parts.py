"""What the automations are put together from."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import ActionTypes, RunDeployment, SendNotification
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.exceptions import ObjectNotFound

from deployments.automations import channel
from starloop.errors import BadInput
from tasks.events import Event

OURS = "starloop: "
"""Begins the name of every automation that is kept in step with the code; others are left alone."""
RESOURCE = "prefect.resource.id"
_ACTED_ON = ("retrain", "deploy", "rollback")


@dataclass(frozen=True)
class Server:
    """What a server calls the things that automations act on.

    Parameters
    ----------
    deployments : dict of str to UUID
        By name.
    channel : UUID
        The block that alerts go through.
    """

    deployments: dict[str, UUID]
    channel: UUID

    @classmethod
    def of(cls, client: SyncPrefectClient) -> "Server":
        """Ask a server; raise `BadInput` when it has no deployments yet.

        Where the channel is not there yet, its place is held by the nil UUID.
        """
        try:
            deployments = {name: client.read_deployment_by_name(f"{name}/{name}").id for name in _ACTED_ON}
        except ObjectNotFound:
            raise BadInput(
                "the Prefect server has no deployments of starloop: run `starloop up`, which puts them there"
            ) from None
        block = channel.find(client)
        return cls(deployments, block.id if block else UUID(int=0))

    def run(self, deployment: str, **parameters: Any) -> RunDeployment:
        """Start a deployment."""
        return RunDeployment(source="selected", deployment_id=self.deployments[deployment], parameters=parameters)

    def tell(self, subject: str, body: str) -> SendNotification:
        """Send an alert; both texts are templates."""
        return SendNotification(block_document_id=self.channel, subject=f"{OURS}{subject}", body=body)


def automation(name: str, why: str, trigger: EventTrigger, *actions: ActionTypes) -> AutomationCore:
    """Give an automation of ours."""
    return AutomationCore(name=f"{OURS}{name}", description=why, trigger=trigger, actions=list(actions))


def on(event: type[Event], *, each: str = RESOURCE, cool_down: timedelta = timedelta(0)) -> EventTrigger:
    """React to an event of ours at once, and then not again before the cool-down is over.

    Parameters
    ----------
    event : type
        Its kind.
    each : str
        The label whose every value has a cool-down of its own.
    cool_down : timedelta
        Whole seconds.
    """
    return EventTrigger(
        expect={event.name},
        match={RESOURCE: "starloop.*"},
        for_each={each},
        posture=Posture.Reactive,
        threshold=1,
        within=cool_down,
    )


FOUND_BY = "{% if flow_run %}, found by the run {{ flow_run.name }}{% endif %}"
"""Ends a reason. It is also what lets a run start at once on SQLite: while Prefect looks the name up, the cool-down is
written; a run that is written at the same moment is refused, and only tried again two seconds later."""


def payload(key: str) -> dict[str, Any]:
    """Give a field of the event's payload with its own type; a bare template would always give a string."""
    template = f"{{{{ event.payload.{key} | tojson }}}}"
    return {"__prefect_kind": "json", "value": {"__prefect_kind": "jinja", "template": template}}
