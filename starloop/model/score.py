"""What the model says of every object of a night."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import BadInput
from starloop.model.bundle import Classifier
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
        A Parquet file with ``oid``, ``night``, ``decision``, ``p_<class>`` (calibrated), ``model_version``,
        sorted by oid.

    Raises
    ------
    BadInput
        When the night has no features, or the model was trained with other features than the code now extracts.
    """
    from starloop.features import schema

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
    rows = features.num_rows
    columns = {
        "oid": features["oid"],
        "night": pa.repeat(str(night), rows),
        "decision": pa.array(classifier.decide(probabilities), pa.string()),
        **{f"p_{name}": pa.array(probabilities[:, number]) for number, name in enumerate(bundle.classes)},
        "model_version": pa.repeat(pa.scalar(version, pa.int64()), rows),
    }
    write_table(pa.table(columns), home.predictions(night))
    return home.predictions(night)
