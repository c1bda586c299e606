"""Putting prefect.yaml, the work pool, the alerts' channel and the automations on a server; twice changes nothing."""

import os
import subprocess
import sys
import time
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName, FlowRunFilter
from prefect.exceptions import ObjectNotFound

from deployments.automations import reconcile
from starloop.errors import BadInput, StarloopError
from starloop.pipeline import ROOT
from starloop.settings import Settings

POOL = "starloop"
_SCHEDULED_WITHIN_S = 120.0


def apply(api_url: str, settings: Settings) -> list[str]:
    """Apply every definition to the server; give what was changed beside the deployments.

    Raises
    ------
    BadInput
        When prefect.yaml has a key that Prefect would drop without a word.
    StarloopError
        When `prefect deploy` fails, or a schedule makes no run.
    """
    deployments = definitions()
    changed = []
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(POOL)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process"))
            changed.append(f"created work pool {POOL}")
        _deploy(api_url)
        changed += [change.what for change in reconcile.apply(client, settings)]
        for deployment in deployments:
            if deployment.get("schedules"):
                _await_scheduled(client, deployment["name"])
    return changed


def definitions() -> list[dict[str, Any]]:
    """Read prefect.yaml's deployments; raise `BadInput` for a key Prefect does not know."""
    from prefect.cli.deploy._models import DeploymentConfig, WorkPoolConfig

    told: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    for deployment in told:
        unknown = set(deployment) - set(DeploymentConfig.model_fields)
        unknown |= set(deployment.get("work_pool", {})) - set(WorkPoolConfig.model_fields)
        if unknown:
            raise BadInput(
                f"prefect.yaml: deployment {deployment.get('name')} has the unknown key {', '.join(sorted(unknown))}, "
                "which Prefect would ignore: correct its spelling"
            )
    return told


def _deploy(api_url: str) -> None:
    environment = {**os.environ, "PREFECT_API_URL": api_url, "STARLOOP_ROOT": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StarloopError(f"prefect deploy failed: {(done.stderr or done.stdout).strip().splitlines()[-1]}")


def _await_scheduled(client: SyncPrefectClient, name: str) -> None:
    """A server with the wrong SQLAlchemy takes a schedule and never makes a run of it: look."""
    until = time.monotonic() + _SCHEDULED_WITHIN_S
    while time.monotonic() < until:
        runs = client.read_flow_runs(
            flow_run_filter=FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}}),
            deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[name])),
            limit=1,
        )
        if runs:
            return
        time.sleep(1)
    raise StarloopError(f"deployment {name} has a schedule but no SCHEDULED run after {_SCHEDULED_WITHIN_S:.0f} s")
