"""One whole night."""

import time
from typing import Any

from prefect import flow

from flows.deploy import deploy as deploy_champion
from flows.ingest import ingest
from flows.process import process
from flows.retrain import retrain
from tasks.artifacts import show_night
from tasks.model import due, score
from tasks.report import write_report


@flow(name="nightly")
def nightly(night: str | None = None, deploy: bool = True, train: bool = True) -> dict[str, Any]:
    """Ingest, check, process, retrain when due, score, deploy and report one night.

    Parameters
    ----------
    night : str, optional
        ``YYYY-MM-DD``, UTC; the last complete night unless given.
    deploy : bool
        Whether a new champion goes behind the endpoint at once.
    train : bool
        Whether a challenger is trained where one is due.
    """
    from starloop import workspace

    with workspace.current().alone():
        return _night(night, deploy, train)


def _night(night: str | None, deploy: bool, train: bool) -> dict[str, Any]:
    took: dict[str, float] = {}
    clock = time.monotonic()

    def step(name: str) -> None:
        nonlocal clock
        took[name], clock = time.monotonic() - clock, time.monotonic()

    when = ingest(night)
    step("ingest")
    process(when)
    step("process")
    facts: dict[str, Any] = {"night": when, "seconds": took}
    reason = due() if train else None
    if reason:
        facts["gate"] = retrain(when, reason=reason, deploy=False)
        step("retrain")
    facts["champion"] = score(when)
    step("score")
    if deploy and facts["champion"] is not None:
        facts["endpoint"] = deploy_champion()
        step("deploy")
    facts["report"] = write_report(when, facts)
    show_night(when)
    return facts
