"""What an automation that fired leaves behind, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.objects import StateType

from deployments import receiver


@dataclass(frozen=True)
class Scratch:
    """Where to look.

    Parameters
    ----------
    client : SyncPrefectClient
        Of the scratch server.
    alerts : Path
        File of the receiver.
    folder : Path
        Its own, with the logs.
    """

    client: SyncPrefectClient
    alerts: Path
    folder: Path


class Effect(Protocol):
    """Something that can be seen on a scratch server."""

    def __str__(self) -> str:
        """Say it."""

    def at(self, scratch: Scratch, runs: Sequence[UUID]) -> datetime | None:
        """Say when it happened, or None before it has; `runs` are those the case has made."""


@dataclass(frozen=True)
class Ran:
    """A run of a deployment, with exactly these parameters."""

    deployment: str
    parameters: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.deployment}({', '.join(f'{name}={value!r}' for name, value in self.parameters.items())})"

    def at(self, scratch: Scratch, runs: Sequence[UUID]) -> datetime | None:
        """Look for it."""
        named = DeploymentFilter(name=DeploymentFilterName(any_=[self.deployment]))
        for run in scratch.client.read_flow_runs(deployment_filter=named):
            by = run.created_by.type if run.created_by else None
            if by == "AUTOMATION" and run.parameters == self.parameters:
                return run.created
        return None


@dataclass(frozen=True)
class Told:
    """An alert."""

    title: str
    says: str

    def __str__(self) -> str:
        return f"alert: {self.title}"

    def at(self, scratch: Scratch, runs: Sequence[UUID]) -> datetime | None:
        """Look for it."""
        for alert in receiver.read(scratch.alerts):
            if alert["title"] == f"starloop: {self.title}" and self.says in alert["message"]:
                return datetime.fromisoformat(alert["at"])
        return None


@dataclass(frozen=True)
class Crashed:
    """The case's own run is crashed."""

    def __str__(self) -> str:
        return "the run is CRASHED"

    def at(self, scratch: Scratch, runs: Sequence[UUID]) -> datetime | None:
        """Look for it."""
        states = [scratch.client.read_flow_run(run).state for run in runs]
        times = [state.timestamp for state in states if state is not None and state.type == StateType.CRASHED]
        return times[0] if times else None
