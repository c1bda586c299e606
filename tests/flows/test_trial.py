"""Every automation fires, on a scratch server, and a trial that comes to nothing is told as such."""

from pathlib import Path
from uuid import UUID

import pytest
from prefect.events.actions import RunDeployment

from deployments.automations.parts import Server
from deployments.automations.reconcile import wanted
from deployments.trial import scratch, table
from deployments.trial.scratch import Result
from starloop.errors import BadInput
from starloop.model.due import automatic

ANY = Server({"retrain": UUID(int=1), "deploy": UUID(int=2), "rollback": UUID(int=3)}, UUID(int=4))


def test_there_is_a_trial_of_every_automation() -> None:
    assert {spec.name for spec in wanted(ANY)} == {f"starloop: {name}" for name in scratch.names()}


def test_a_retraining_that_drift_asks_for_counts_as_the_loops_own() -> None:
    (spec,) = [spec for spec in wanted(ANY) if spec.name == "starloop: drift-retrains"]
    (action,) = spec.actions
    assert isinstance(action, RunDeployment)
    assert automatic((action.parameters or {})["reason"])


def test_every_automation_fires() -> None:
    results = scratch.run(scratch.names())
    assert {result.name for result in results} == set(scratch.names())
    lost = [result for result in results if result.log]
    said = [line for result in lost[:1] for line in _read(result.log) if " INFO " not in line]
    assert not lost, "\n".join([*map(str, lost), *said[-40:]])


def _read(log: Path | None) -> list[str]:
    return log.read_text().splitlines() if log else []


def test_an_automation_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadInput, match="no automation is called drift: action-failed, archive-changed"):
        scratch.run(["drift"])


@pytest.mark.parametrize(("seconds", "good"), [(1.9, True), (2.1, False), (None, False)])
def test_one_that_does_nothing_or_comes_too_late_is_not_good(seconds: float | None, good: bool) -> None:
    assert table.good([Result("drift-retrains", "an event", "a run", seconds, 2.0)]) is good
