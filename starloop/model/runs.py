"""A training as MLflow shows it: one run with its metrics and evaluation, the search's trials as runs below it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starloop.model.bundle import BOOSTER, FACTS, FOREST

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

EVALUATION, TRAINING = "evaluation", "training"
_TRIALS = "search.json"


def record(
    client: "MlflowClient", experiment: str, name: str, tags: Mapping[str, Any], model: Path, evaluation: Path
) -> "Run":
    """Make the run of a trained model, still open.

    Parameters
    ----------
    client : MlflowClient
        Of the tracking server.
    experiment, name : str
        The experiment's id, and what the run is called.
    tags : mapping
        Facts of the run.
    model : Path
        The model's folder. What the training wrote beside the model itself becomes artifacts; each trial of a
        ``search.json`` (``number``, ``params``, ``value``: its log loss) a run below this one.
    evaluation : Path
        Every file of it becomes an artifact of the run; the numbers at the top of its ``metrics.json`` its metrics.
    """
    run = client.create_run(experiment, tags=dict(tags), run_name=name)
    metrics = json.loads((evaluation / "metrics.json").read_text())
    for metric, value in metrics.items():
        if isinstance(value, int | float):
            client.log_metric(run.info.run_id, metric, float(value))
    client.log_artifacts(run.info.run_id, str(evaluation), EVALUATION)
    for path in sorted(model.iterdir()):
        if path.name not in (BOOSTER, FACTS, FOREST):
            client.log_artifact(run.info.run_id, str(path), TRAINING)
    if (model / _TRIALS).is_file():
        for trial in json.loads((model / _TRIALS).read_text()):
            _trial(client, experiment, run, trial)
    return run


def _trial(client: "MlflowClient", experiment: str, parent: "Run", trial: Mapping[str, Any]) -> None:
    from mlflow.entities import Metric, Param
    from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

    below = {MLFLOW_PARENT_RUN_ID: parent.info.run_id}
    run = client.create_run(experiment, tags=below, run_name=f"trial {trial['number']}")
    client.log_batch(
        run.info.run_id,
        metrics=[Metric("log_loss", trial["value"], run.info.start_time, 0)],
        params=[Param(name, str(value)) for name, value in trial["params"].items()],
    )
    client.set_terminated(run.info.run_id)
