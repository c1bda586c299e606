"""Measuring how far one night is from the champion's training reference."""

import json
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from starloop.drift.offsets import magnitude_offsets
from starloop.drift.params import DriftParams
from starloop.drift.reference import class_shares, missing_share
from starloop.errors import BadInput

if TYPE_CHECKING:
    import pandas as pd
    from evidently.core.report import Snapshot

FEWEST_VALUES = 20
"""Values a feature needs on both sides to be compared."""
_UNCERTAIN = "uncertain"
_DECISION = "decision"
_TAIL = 1.0


def compare(
    reference: dict[str, Any], current: pa.Table, predictions: pa.Table, params: DriftParams | None = None
) -> dict[str, Any]:
    """Measure one night against the training reference, by effect sizes.

    A feature's score is the Wasserstein distance in the reference's standard deviations, of values clipped to the
    reference's 1st and 99th percentile: the tails of periods and chi-squares would otherwise be all it sees
    (Ramdas, Garcia & Cuturi 2017, doi:10.3390/e19020047). The classes' score is the Jensen-Shannon distance
    (Lin 1991, doi:10.1109/18.61115) of the decisions. Uncertain ones stand apart: a model is surer of the rows
    it was trained on, and that is no drift.

    Parameters
    ----------
    reference : dict
        As `reference.describe` gave it.
    current : pa.Table
        ``oid`` and the features of a night's objects.
    predictions : pa.Table
        ``oid`` and ``decision`` of the same objects.
    params : DriftParams, optional
        Only `feature_distance` matters here.

    Returns
    -------
    dict
        JSON values: ``objects``, ``features`` (name to ``score`` (null where too few values), ``drifted``,
        ``missing``, ``missing_rise``), ``groups`` (name before the first underscore to ``features``,
        ``drifted_share``, ``missing_rise``), ``offsets`` (band to mag), ``drifted_share``, ``class_shares``,
        ``class_distance`` (null where too few decisions), ``uncertain_share`` and ``uncertain_rise``.

    Raises
    ------
    BadInput
        When a feature of the reference is not in `current`.
    """
    params = params or DriftParams()
    before, now = _frames(reference, current, predictions)
    scores = _scores(_snapshot(before, now, params))
    features = {
        name: {
            "score": scores.get(name),
            "drifted": scores.get(name, 0.0) >= params.feature_distance,
            "missing": (missing := missing_share(now[name].to_numpy())),
            "missing_rise": round(missing - reference["missing"][name], 6),
        }
        for name in reference["features"]
    }
    shares = class_shares(_decisions(current, predictions))
    uncertain = shares.get(_UNCERTAIN, 0.0)
    return {
        "objects": current.num_rows,
        "features": features,
        "groups": _groups(features),
        "offsets": magnitude_offsets(reference, current),
        "drifted_share": _share([feature["drifted"] for feature in features.values() if feature["score"] is not None]),
        "class_shares": shares,
        "class_distance": scores.get(_DECISION),
        "uncertain_share": uncertain,
        "uncertain_rise": round(uncertain - reference["class_shares"].get(_UNCERTAIN, 0.0), 6),
    }


def write_page(
    reference: dict[str, Any], current: pa.Table, predictions: pa.Table, params: DriftParams, path: Path
) -> None:
    """Write Evidently's HTML page (several megabytes) of the same comparison."""
    before, now = _frames(reference, current, predictions)
    unfinished = path.with_suffix(".partial.html")
    _snapshot(before, now, params).save_html(str(unfinished))
    unfinished.replace(path)


def _decisions(current: pa.Table, predictions: pa.Table) -> list[str | None]:
    told = dict(zip(predictions["oid"].to_pylist(), predictions[_DECISION].to_pylist(), strict=True))
    return [told.get(oid) for oid in current["oid"].to_pylist()]


def _frames(reference: dict[str, Any], current: pa.Table, predictions: pa.Table) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Give reference and current night as frames with the same columns, tails clipped, uncertain left out."""
    import pandas as pd

    absent = [name for name in reference["features"] if name not in current.column_names]
    if absent:
        raise BadInput(
            f"the night's features lack {', '.join(absent[:3])}, which the champion was trained on: "
            "compute the night's features again or retrain"
        )
    before = pd.DataFrame({name: np.array(values, float) for name, values in reference["features"].items()})
    now = pd.DataFrame({name: current[name].to_numpy().astype(float) for name in reference["features"]})
    now = now.replace([np.inf, -np.inf], np.nan)
    present = before.columns[before.notna().any()]
    low, high = np.nanpercentile(before[present], [_TAIL, 100 - _TAIL], axis=0)
    before[present] = before[present].clip(low, high, axis=1)
    now[present] = now[present].clip(low, high, axis=1)
    for frame, decisions in ((before, reference["decisions"]), (now, _decisions(current, predictions))):
        frame[_DECISION] = [None if decision == _UNCERTAIN else decision for decision in decisions]
    return before, now


def _snapshot(before: "pd.DataFrame", now: "pd.DataFrame", params: DriftParams) -> "Snapshot":
    """Run Evidently over the columns with enough values on both sides; it refuses an empty one."""
    os.environ.setdefault("DO_NOT_TRACK", "true")
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    columns = [name for name in before if before[name].notna().sum() >= FEWEST_VALUES <= now[name].notna().sum()]
    definition = DataDefinition(
        numerical_columns=[name for name in columns if name != _DECISION],
        categorical_columns=[name for name in columns if name == _DECISION],
    )
    metrics = [
        ValueDrift(column=name, method="jensenshannon", threshold=params.class_distance)
        if name == _DECISION
        else ValueDrift(column=name, method="wasserstein", threshold=params.feature_distance)
        for name in columns
    ]
    reference, current = (Dataset.from_pandas(frame[columns], data_definition=definition) for frame in (before, now))
    return Report(metrics, include_tests=True).run(current, reference)


def _scores(snapshot: "Snapshot") -> dict[str, float]:
    """Give the distance of every compared column; only Evidently's own JSON writer knows all its types."""
    told = json.loads(snapshot.json())["metrics"]
    return {metric["config"]["column"]: round(float(metric["value"]), 6) for metric in told}


def _groups(features: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    members: dict[str, list[dict[str, Any]]] = {}
    for name, feature in features.items():
        members.setdefault(name.split("_")[0], []).append(feature)
    return {
        group: {
            "features": len(inside),
            "drifted_share": _share([feature["drifted"] for feature in inside if feature["score"] is not None]),
            "missing_rise": round(math.fsum(feature["missing_rise"] for feature in inside) / len(inside), 6),
        }
        for group, inside in sorted(members.items())
    }


def _share(flags: list[bool]) -> float:
    return round(sum(flags) / len(flags), 6) if flags else 0.0
