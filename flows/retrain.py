"""Train a challenger, judge it, and serve it where it wins."""

from typing import Any

from prefect import flow

from flows.deploy import deploy as deploy_champion
from tasks.artifacts import show_model
from tasks.model import challenge
from tasks.stages import keep_lock, reproduce


@flow(name="retrain")
def retrain(
    night: str | None = None, reason: str = "requested", deploy: bool = True, search: int | None = None
) -> dict[str, Any]:
    """Train on the data set of a night and put the challenger before the gate.

    Parameters
    ----------
    night : str, optional
        ``YYYY-MM-DD``, UTC; the latest processed night unless given.
    reason : str
        Why, for the registry's record.
    deploy : bool
        Whether a promoted challenger goes behind the endpoint at once.
    search : int, optional
        Sets of training knobs to try first; what params.yaml says unless given.
    """
    from starloop import pipeline, workspace

    place = workspace.current()
    when = place.processed(night)
    with place.alone():
        place.stand_at(when)
        if search is not None:
            pipeline.search(place.home, search)
        reproduce("evaluate")
        keep_lock(str(when))
        verdict = challenge(reason)
        show_model(verdict["version"], "promoted" if verdict["promoted"] else "not promoted", verdict["reasons"])
    if verdict["promoted"] and deploy:
        deploy_champion()
    return verdict
