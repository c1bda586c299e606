"""Train a challenger, judge it, and serve it where it wins."""

from typing import Any

from prefect import flow

from flows.deploy import deploy as deploy_champion
from tasks import events
from tasks.artifacts import show_model
from tasks.model import challenge, worth
from tasks.stages import keep_lock, reproduce


@flow(name="retrain")
def retrain(
    night: str | None = None,
    reason: str = "requested",
    nights: list[str] | None = None,
    deploy: bool = True,
    search: int | None = None,
) -> dict[str, Any]:
    """Train on the data set of a night and put the challenger before the gate.

    With nothing new to learn from, or after too many challengers in vain, nothing is trained; the verdict says so.

    Parameters
    ----------
    night : str, optional
        ``YYYY-MM-DD``, UTC; the latest processed night unless given.
    reason : str
        Why, for the registry's record.
    nights : list of str, optional
        Nights that ask for it, as drift does: the data set is then the latest one, which must hold them.
    deploy : bool
        Whether a promoted challenger goes behind the endpoint at once, where no automation sees to it.
    search : int, optional
        Sets of training knobs to try first; what params.yaml says unless given.
    """
    from starloop import pipeline, workspace

    place = workspace.current()
    when = place.processed(None if nights else night)
    with place.alone():
        place.stand_at(when)
        if search is not None:
            pipeline.search(place.home, search)
        reproduce("dataset")
        refused = worth(reason, str(when), nights or [])
        if refused is not None:
            if refused["refused"] and events.heard():
                events.emit(events.RetrainingStopped(refused=refused["refused"], reasons=refused["reasons"]))
            return refused
        reproduce("evaluate")
        keep_lock(str(when))
        verdict = challenge(reason, nights or [])
        show_model(verdict["version"], verdict["verdict"], verdict["reasons"])
    if verdict["promoted"]:
        version, previous = verdict["version"], verdict["previous"]
        if events.heard():
            events.emit(events.ModelPromoted(version=version, previous=previous, why=reason))
        elif deploy:
            deploy_champion(version)
    return verdict
