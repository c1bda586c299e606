"""Whether a new challenger should be trained tonight."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from starloop.features import schema
from starloop.model.bundle import Bundle
from starloop.model.dataset import labelled


def due(dataset: Path, champion: Bundle | None, params: Mapping[str, Any]) -> str | None:
    """Give the reason to train, or None.

    Parameters
    ----------
    dataset : Path
        The data set as it stands.
    champion : Bundle or None
        The champion's bundle.
    params : mapping
        ``first_labels``: labelled objects before a first champion is tried; ``growth``: the share of new
        labelled objects that makes a retraining worth its while.
    """
    table = pq.read_table(dataset, columns=["split", "label"])
    known = sum(labelled(table, split).num_rows for split in ("train", "test"))
    if champion is None:
        return f"first champion, {known} labelled objects" if known >= params["first_labels"] else None
    if champion.feature_schema != schema.digest():
        return "the champion was trained with features that are no longer extracted"
    before = champion.metrics["labelled"]
    if known >= before * (1 + params["growth"]):
        return f"{known} labelled objects, the champion knew {before}"
    return None
