"""The automations that watch the runs themselves: those that fail, are late, never come, or die unnoticed."""

from datetime import timedelta

from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from deployments.automations.parts import RESOURCE, Server, automation

_BAD_ENDS = {"prefect.flow-run.Failed", "prefect.flow-run.Crashed", "prefect.flow-run.TimedOut"}
_ENDS = _BAD_ENDS | {"prefect.flow-run.Completed", "prefect.flow-run.Cancelled"}
_STILL = {"prefect.flow-run.Paused", "prefect.flow-run.Suspended"}
_HEARTBEAT = "prefect.flow-run.heartbeat"
_RUN = {RESOURCE: "prefect.flow-run.*"}
_NIGHTLY = {"prefect.resource.role": "flow", "prefect.resource.name": "nightly"}
_OTHERS = ["deploy", "drift-check", "retrain", "rollback", "watch"]
"""Deployments that run without a person looking on; a nightly run has an alert of its own."""
_A_NIGHT = timedelta(hours=30)
"""A night comes every 24 hours, and may take six."""
_DEAD = timedelta(minutes=10)
"""Three heartbeats of Prefect's default: every run sends one each 180 s."""
_OTHER_AGAIN = timedelta(hours=1)


def automations(server: Server) -> list[AutomationCore]:
    """Give them for a server."""
    run = "{{ flow_run.name }} is {{ event.resource['prefect.state-name'] }}"
    why = f"{run}: {{{{ event.resource['prefect.state-message'] }}}}\n{{{{ flow_run | ui_url }}}}"
    return [
        automation(
            "nightly-failed",
            "A nightly run failed, crashed or ran out of time, however it was started.",
            _of_a_nightly(_BAD_ENDS),
            server.tell("a nightly run did not end well", why),
        ),
        automation(
            "nightly-late",
            "A nightly run has not started though it is time: no worker, or one that is busy.",
            _of_a_nightly({"prefect.flow-run.Late"}),
            server.tell("a nightly run is late", "{{ flow_run.name }} should run by now.\n{{ flow_run | ui_url }}"),
        ),
        automation(
            "nightly-missing",
            "No nightly run was completed for a day and six hours, whatever the reason.",
            EventTrigger(
                expect={"prefect.flow-run.Completed"},
                match=_RUN,
                match_related=_NIGHTLY,
                posture=Posture.Proactive,
                threshold=1,
                within=_A_NIGHT,
            ),
            server.tell("no night was completed", f"None in the last {_A_NIGHT // timedelta(hours=1)} hours."),
        ),
        automation(
            "run-failed",
            "A run that nobody looks at failed, crashed or ran out of time; told once an hour for each deployment.",
            EventTrigger(
                expect=_BAD_ENDS,
                match=_RUN,
                match_related={"prefect.resource.role": "deployment", "prefect.resource.name": _OTHERS},
                for_each={f"related:deployment:{RESOURCE}"},
                posture=Posture.Reactive,
                threshold=1,
                within=_OTHER_AGAIN,
            ),
            server.tell("a {{ flow.name }} run did not end well", why),
        ),
        automation(
            "zombie-crashed",
            "A run whose heartbeat has stopped is dead, and holds its deployment's place until it is said to be.",
            EventTrigger(
                after={_HEARTBEAT},
                expect=_ENDS | _STILL | {_HEARTBEAT},
                match=_RUN,
                for_each={RESOURCE},
                posture=Posture.Proactive,
                threshold=1,
                within=_DEAD,
            ),
            ChangeFlowRunState(state=StateType.CRASHED, message="No heartbeat: its process is gone."),
        ),
    ]


def _of_a_nightly(states: set[str]) -> EventTrigger:
    return EventTrigger(
        expect=states,
        match=_RUN,
        match_related=_NIGHTLY,
        for_each={RESOURCE},
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )
