"""The automations that tell a person what the loop leaves to one."""

from datetime import timedelta

from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture

from deployments.automations.parts import OURS, RESOURCE, Server, automation, on
from tasks.events import CHANGE, ArchiveChanged, BadNight, RetrainingStopped

_AGAIN = timedelta(days=1)
"""The same thing is told once a day."""
_ACTION_AGAIN = timedelta(hours=1)
"""Also what ends the circle when it is the alert itself that cannot be sent."""
_REASONS = "{% for reason in event.payload.reasons %}\n- {{ reason }}{% endfor %}"


def automations(server: Server) -> list[AutomationCore]:
    """Give them for a server."""
    return [
        automation(
            "archive-changed",
            "The same sky is measured differently: an archive has changed, which no retraining mends.",
            on(ArchiveChanged, each=CHANGE, cool_down=_AGAIN),
            server.tell(
                "{{ event.payload.archives | join(', ') }} changed",
                "{{ event.payload.what | join(', ') }} in {{ event.payload.bands | join(', ') }}; "
                "shown by {{ event.payload.nights | join(', ') }}, against version {{ event.payload.model_version }}."
                + _REASONS,
            ),
        ),
        automation(
            "bad-night",
            "One night is odd by itself, and is left out.",
            on(BadNight, cool_down=_AGAIN),
            server.tell("{{ event.payload.night }} was a bad night", "It is left out." + _REASONS),
        ),
        automation(
            "retraining-stopped",
            "So many challengers in a row were refused that no more are trained.",
            on(RetrainingStopped, cool_down=_AGAIN),
            server.tell(
                "retraining has stopped",
                "{{ event.payload.refused }} challengers in a row were refused; the champion stays. "
                "Look at them, then run `starloop retrain`." + _REASONS,
            ),
        ),
        automation(
            "action-failed",
            "What an automation started came to nothing.",
            EventTrigger(
                expect={"prefect.automation.action.failed"},
                match={
                    RESOURCE: "prefect.automation.*",
                    "prefect.resource.name": f"{OURS}*",
                    # A busy server can see a run's end before its heartbeat: the run is then no zombie, and Prefect
                    # refuses to crash it, which is no failure of ours.
                    "prefect.posture": Posture.Reactive.value,
                },
                for_each={RESOURCE},
                posture=Posture.Reactive,
                threshold=1,
                within=_ACTION_AGAIN,
            ),
            server.tell(
                "an automation's action failed",
                "{{ event.resource['prefect.resource.name'] }}, {{ event.payload.action_type }}: "
                "{{ event.payload.reason }}",
            ),
        ),
    ]
