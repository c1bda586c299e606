"""What the model says of every object of a night."""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import BadInput
from starloop.model.bundle import UNCERTAIN, Classifier, matrix
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_table


def score(home: Home, night: Night, classifier: Classifier, version: int) -> Path:
    """Classify a night's objects.

    Parameters
    ----------
    home : Home
        Has the night's features.
    night : Night
        The night.
    classifier : Classifier
        The champion.
    version : int
        The champion's version, kept with every row.

    Returns
    -------
    Path
        A Parquet file with ``oid``, ``night``, ``decision``, ``p_<class>`` (calibrated), ``anomaly`` (as
        `Forest.anomaly`), ``model_version`` and ``prediction_id``, sorted by oid. For an object without a usable point
        the decision is ``uncertain`` and the anomaly null; it is null too where the model has no forest.

    Raises
    ------
    BadInput
        When the night has no features, or the model was trained with other features than the code now extracts.
    """
    from starloop.features import schema
    from starloop.features.extract import too_few_points

    path = home.features / f"{night}.parquet"
    if not path.is_file():
        raise BadInput(f"the night {night} has no features in {home.features}: process it first")
    bundle = classifier.bundle
    if bundle.feature_schema != schema.digest():
        raise BadInput(
            f"model version {version} was trained with feature schema {bundle.feature_schema[:12]} and the code now "
            f"extracts {schema.digest()[:12]}: retrain, or run the code at revision {bundle.git_revision}"
        )
    features = pq.read_table(path).sort_by("oid")
    probabilities = classifier.probabilities(features)
    decisions = np.array(classifier.decide(probabilities), dtype=object)
    rows = features.num_rows
    nothing, odd = too_few_points(features), classifier.anomalies(features)
    columns = {
        "oid": features["oid"],
        "night": pa.repeat(str(night), rows),
        "decision": pa.array(np.where(nothing, UNCERTAIN, decisions), pa.string()),
        **{f"p_{name}": pa.array(probabilities[:, number]) for number, name in enumerate(bundle.classes)},
        "anomaly": pa.nulls(rows, pa.float64()) if odd is None else pa.array(odd, mask=nothing),
        "model_version": pa.repeat(pa.scalar(version, pa.int64()), rows),
        "prediction_id": pa.array(prediction_ids(night, features, version, bundle.features), pa.string()),
    }
    write_table(pa.table(columns), home.predictions(night))
    return home.predictions(night)


def prediction_ids(night: Night, features: pa.Table, version: int, names: list[str]) -> list[str]:
    """Name predictions by what they rest on: night, object, version and the features' bits.

    Parameters
    ----------
    night : Night
        The night.
    features : pa.Table
        ``oid`` and the model's features.
    version : int
        The model's version.
    names : list of str
        The model's features, in its order.

    Returns
    -------
    list of str
        32 hexadecimal digits a row.
    """
    rows = matrix(features, names).astype("<f4")
    return [
        hashlib.sha256(f"{night} {oid} {version} ".encode() + row.tobytes()).hexdigest()[:32]
        for oid, row in zip(features["oid"].to_pylist(), rows, strict=True)
    ]
