"""The libraries' telemetry is off: an observatory's nightly run reports to nobody."""

import os

_OFF = {
    "DO_NOT_TRACK": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "DVC_NO_ANALYTICS": "1",
    "ITERATIVE_DO_NOT_TRACK": "1",
    "EVIDENTLY_DISABLE_TELEMETRY": "1",
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    # MLflow's job runners are ten idle processes; XGBoost's threads spin unless told to sleep.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    "OMP_WAIT_POLICY": "PASSIVE",
}


def hush() -> None:
    """Switch telemetry off for this process and its children, unless the environment says otherwise."""
    for name, value in _OFF.items():
        os.environ.setdefault(name, value)
