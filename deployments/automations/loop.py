"""The automations that close the loop: drift, promotion, an unhealthy endpoint."""

from datetime import timedelta

from prefect.events.schemas.automations import AutomationCore

from deployments.automations.parts import FOUND_BY, Server, automation, on, payload
from tasks.events import DriftDetected, EndpointUnhealthy, ModelPromoted

_RETRAIN_AGAIN = timedelta(hours=6)
"""One retraining a model, however many nights report the same drift."""
_ROLL_BACK_AGAIN = timedelta(hours=1)
"""One step back; if that does not help, a person must look before another is taken."""


def automations(server: Server) -> list[AutomationCore]:
    """Give them for a server."""
    return [
        automation(
            "drift-retrains",
            "The sky has changed: train a challenger that has seen the new nights.",
            on(DriftDetected, cool_down=_RETRAIN_AGAIN),
            server.run(
                "retrain",
                night=payload("night"),
                nights=payload("nights"),
                reason="drift: the sky has changed" + FOUND_BY,
            ),
        ),
        automation(
            "promotion-deploys",
            "The registry has another champion: put it behind the endpoint.",
            on(ModelPromoted),
            server.run("deploy", version=payload("version")),
        ),
        automation(
            "unhealthy-rolls-back",
            "The endpoint does not answer as it must, also after a restart: go back to the version before, and tell.",
            on(EndpointUnhealthy, cool_down=_ROLL_BACK_AGAIN),
            server.run(
                "rollback",
                leaving=payload("version"),
                why="the endpoint is unhealthy: {{ event.payload.what }}" + FOUND_BY,
            ),
            server.tell(
                "the endpoint is rolled back",
                "Version {{ event.payload.version }} at {{ event.payload.url }} is unhealthy: {{ event.payload.what }}",
            ),
        ),
    ]
