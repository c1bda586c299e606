"""Where the other pages of the stack tell more of a prediction: its run in Prefect, its model in MLflow."""

import httpx

from starloop.model.registry import MODEL
from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.pages.frame import stack

WITHIN_S = 2.0
_MOST_RUNS = 200


def links(home: Home, version: int, night: Night | None) -> dict[str, str]:
    """Give the addresses of ``model`` and ``run``; empty where what has the page does not run.

    Parameters
    ----------
    home : Home
        Whose stack it is.
    version : int
        The model's.
    night : Night or None
        The night it was scored in; None for an answer of the endpoint.
    """
    running = stack(home)
    model = f"{running['mlflow']}/#/models/{MODEL}/versions/{version}" if running["mlflow"] else ""
    return {"model": model, "run": _run(running["prefect"], night) if running["prefect"] and night else ""}


def _run(prefect: str, night: Night) -> str:
    """Give the newest run of the night; the list of all where Prefect has none, or does not answer in time."""
    asked = {"flows": {"name": {"any_": ["nightly"]}}, "sort": "START_TIME_DESC", "limit": _MOST_RUNS}
    try:
        answer = httpx.post(f"{prefect}/api/flow_runs/filter", json=asked, timeout=WITHIN_S, trust_env=False)
    except httpx.TransportError:
        return f"{prefect}/runs"
    runs = answer.json() if answer.is_success else []
    mine = [run["id"] for run in runs if run["parameters"].get("night") == str(night)]
    return f"{prefect}/runs/flow-run/{mine[0]}" if mine else f"{prefect}/runs"
