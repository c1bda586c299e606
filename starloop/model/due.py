"""Whether a new challenger should be trained tonight."""

from pathlib import Path

import pyarrow.parquet as pq

from starloop.features import schema
from starloop.model.bundle import Bundle
from starloop.model.dataset import labelled
from starloop.model.params import RetrainParams


def due(dataset: Path, champion: Bundle | None, params: RetrainParams) -> str | None:
    """Give the reason to train, or None.

    Parameters
    ----------
    dataset : Path
        The data set as it stands.
    champion : Bundle or None
        The champion's bundle.
    params : RetrainParams
        How many labels are enough.
    """
    table = pq.read_table(dataset, columns=["split", "label"])
    known = sum(labelled(table, split).num_rows for split in ("train", "test"))
    if champion is None:
        return f"first champion, {known} labelled objects" if known >= params.first_labels else None
    if champion.feature_schema != schema.digest():
        return "the champion was trained with features that are no longer extracted"
    before = champion.metrics["labelled"]
    if known >= before * (1 + params.growth):
        return f"{known} labelled objects, the champion knew {before}"
    return None
