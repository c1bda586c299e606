"""Setting up the scratch server, firing, and waiting for what comes of it."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from pydantic import SecretStr

from deployments.apply import apply
from deployments.automations import channel
from deployments.automations.reconcile import ours
from deployments.trial.cases import CASES, SHORT, SLOW
from deployments.trial.effects import Scratch
from deployments.trial.server import LOG, server
from starloop import processes, settings
from starloop.errors import BadInput

_PATIENCE_S = 150.0
"""Longer than Prefect goes on repeating a request of an action."""
_QUICK = {"PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "2"}


@dataclass(frozen=True)
class Result:
    """What came of one effect of one automation.

    Parameters
    ----------
    name, how, effect : str
        The automation, what was done, and what was looked for.
    seconds : float or None
        From the one to the other; None when it never came.
    bar_s : float or None
        The most it may take.
    log : Path or None
        What the server said meanwhile, kept when it never came.
    """

    name: str
    how: str
    effect: str
    seconds: float | None
    bar_s: float | None
    log: Path | None = None


@dataclass(frozen=True)
class _Fired:
    at: datetime
    runs: list[UUID]


def names() -> list[str]:
    """Give the names of the automations."""
    return sorted(CASES)


def run(chosen: list[str]) -> list[Result]:
    """Fire the automations of these names on a scratch server.

    Raises
    ------
    BadInput
        When there is none of a name.
    """
    for name in chosen:
        if name not in CASES:
            raise BadInput(f"no automation is called {name}: {', '.join(names())}")
    with scratch() as there:
        results = fire(there, chosen)
    if all(result.seconds is not None for result in results):
        shutil.rmtree(there.folder)
    return results


@contextmanager
def scratch() -> Iterator[Scratch]:
    """Start a server with every definition, its waits for what does not come made short, and a receiver of alerts.

    Its folder stays: its logs tell why something did not come.
    """
    folder, port = Path(tempfile.mkdtemp(prefix="starloop-trial-")), processes.free_port()
    alerts = folder / "alerts.jsonl"
    receiving = processes.start(
        "the receiver of alerts",
        [sys.executable, "-m", "deployments", "alerts", "serve", str(alerts), str(port)],
        log=folder / "alerts.log",
        url=f"http://127.0.0.1:{port}",
    )
    try:
        with server(folder, _QUICK) as api_url, get_client(sync_client=True) as client:
            processes.wait_healthy(receiving, "/health", deadline_s=60)
            here = SecretStr(channel.local(port))
            apply(api_url, settings.load().model_copy(update={"alerts": here}))
            _shorten(client)
            yield Scratch(client, alerts, folder)
    finally:
        receiving.stop()


def fire(there: Scratch, chosen: list[str]) -> list[Result]:
    """Fire the automations, the slow ones first; give what came of each, in the order of their names."""
    begun = {name: _fire(there, name) for name in SLOW if name in chosen}
    results = [result for name in chosen if name not in SLOW for result in _await(there, name, _fire(there, name))]
    results += [result for name, fired in begun.items() for result in _await(there, name, fired)]
    return sorted(results, key=lambda result: result.name)


def _fire(there: Scratch, name: str) -> _Fired:
    at = datetime.now(UTC)
    return _Fired(at, CASES[name].fire(there.client))


def _await(there: Scratch, name: str, fired: _Fired) -> list[Result]:
    case, until = CASES[name], time.monotonic() + _PATIENCE_S
    seen: dict[str, datetime] = {}
    while len(seen) < len(case.effects) and time.monotonic() < until:
        for number, effect in enumerate(case.effects):
            at = effect.at(there, fired.runs)
            if at is not None:
                seen.setdefault(str(number), at)
        time.sleep(0.1)
    return [
        Result(
            name,
            case.how,
            str(effect),
            (seen[str(number)] - fired.at).total_seconds() if str(number) in seen else None,
            case.bar_s,
            None if str(number) in seen else there.folder / LOG,
        )
        for number, effect in enumerate(case.effects)
    ]


def _shorten(client: SyncPrefectClient) -> None:
    for found in ours(client):
        if isinstance(found.trigger, EventTrigger) and found.trigger.posture == Posture.Proactive:
            told = found.model_dump(mode="json", include=set(AutomationCore.model_fields), exclude={"owner_resource"})
            told["trigger"]["within"] = SHORT.total_seconds()
            client.update_automation(found.id, AutomationCore.model_validate(told))
