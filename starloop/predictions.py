"""Finding one prediction again by its id: of a night, or of the endpoint."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.store import Home


@dataclass(frozen=True)
class Prediction:
    """One answer.

    Parameters
    ----------
    id : str
        Its id.
    oid : str
        The object; for the endpoint, what the asker called it.
    night : Night or None
        The night it was scored in; None for an answer of the endpoint.
    answered_at : str or None
        UTC, when the endpoint answered; None for a night's.
    decision : str
        A class, or ``uncertain``.
    probabilities : dict
        Calibrated, a class.
    version : int
        The model's.
    features : pa.Table or None
        The one row it was decided on; None where the night's features are gone.
    anomaly : float or None
        The share of the training objects that are less odd; None where it was not told.
    """

    id: str
    oid: str
    night: Night | None
    answered_at: str | None
    decision: str
    probabilities: dict[str, float]
    version: int
    features: pa.Table | None
    anomaly: float | None = None


def find(home: Home, prediction_id: str) -> Prediction:
    """Look in the nights' predictions and in the endpoint's log, the newest first.

    Raises
    ------
    BadInput
        When no prediction has this id.
    """
    found = _in_nights(home, prediction_id) or _in_log(home, prediction_id)
    if found is None:
        raise BadInput(
            f"no prediction has the id {prediction_id}: it is neither in a file of {home.root / 'predictions'} "
            f"nor in the endpoint's log in {home.answers}, where only a version's newest answers are kept"
        )
    return found


def _in_nights(home: Home, prediction_id: str) -> Prediction | None:
    for path in sorted((home.root / "predictions").glob("????-??-??.parquet"), reverse=True):
        if "prediction_id" not in pq.read_schema(path).names:
            continue
        row = pc.index(pq.read_table(path, columns=["prediction_id"])["prediction_id"], prediction_id).as_py()
        if row >= 0:
            return _of_night(home, pq.read_table(path).slice(row, 1).to_pylist()[0])
    return None


def _of_night(home: Home, told: dict[str, Any]) -> Prediction:
    night, oid = Night.parse(told["night"]), told["oid"]
    path = home.features / f"{night}.parquet"
    features = pq.read_table(path, filters=[("oid", "=", oid)]) if path.is_file() else None
    return Prediction(
        id=told["prediction_id"],
        oid=oid,
        night=night,
        answered_at=None,
        decision=told["decision"],
        probabilities={name[2:]: share for name, share in told.items() if name.startswith("p_")},
        version=told["model_version"],
        features=features if features else None,
        anomaly=told.get("anomaly"),
    )


def _in_log(home: Home, prediction_id: str) -> Prediction | None:
    for line in _lines(home.answers):
        # Most lines need not be understood; one that a killed endpoint did not finish cannot be.
        if prediction_id not in line or not line.endswith("}\n"):
            continue
        told = json.loads(line)
        if told["prediction_id"] != prediction_id:
            continue
        features = {name: pa.array([value], pa.float32()) for name, value in told["features"].items()}
        return Prediction(
            id=prediction_id,
            oid=told["id"],
            night=None,
            answered_at=told["answered_at"],
            decision=told["decision"],
            probabilities=told["probabilities"],
            version=told["model_version"],
            features=pa.table({"oid": [told["id"]], **features}),
            anomaly=told.get("anomaly"),
        )
    return None


def _lines(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("predictions-v*.jsonl*"), key=lambda path: path.stat().st_mtime, reverse=True):
        with path.open(encoding="utf-8") as lines:
            yield from lines
