"""Whether a new challenger should be trained tonight."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from starloop.features import schema
from starloop.model.bundle import Bundle
from starloop.model.dataset import labelled
from starloop.model.params import RetrainParams
from starloop.model.tries import PROMOTED, Try, grown

DRIFT, FIRST, CODE, GROWTH = "drift", "first champion", "new code", "growth"
"""What a reason begins with, up to a colon, when no person gave it."""


def automatic(reason: str) -> bool:
    """Tell whether a reason to train is the loop's own, and not a person's."""
    return reason.partition(":")[0] in (DRIFT, FIRST, CODE, GROWTH)


def known(dataset: Path) -> int:
    """Count a data set's labelled objects."""
    table = pq.read_table(dataset, columns=["split", "label"])
    return sum(labelled(table, split).num_rows for split in ("train", "test"))


def due(
    dataset: Path, champion: Bundle | None, tries: Sequence[Try], params: RetrainParams, unreadable: bool = False
) -> str | None:
    """Give the reason to train, or None.

    After a challenger that did not come to serve, the next one waits for new labels.

    Parameters
    ----------
    dataset : Path
        The data set as it stands.
    champion : Bundle or None
        The champion's bundle.
    tries : sequence of Try
        The versions that were judged, the newest first.
    params : RetrainParams
        How many labels are enough.
    unreadable : bool
        Whether there is a champion, and this code cannot read it.
    """
    if unreadable:
        return f"{CODE}: the champion was written by earlier code, and cannot be read any more"
    labels = known(dataset)
    last = tries[0] if tries else None
    if (
        last is not None
        and last.verdict != PROMOTED
        and last.feature_schema == schema.digest()
        and not grown(last.labelled, labels, params.growth)
    ):
        return None
    if champion is None:
        return f"{FIRST}: {labels} labelled objects" if labels >= params.first_labels else None
    if champion.feature_schema != schema.digest():
        return f"{CODE}: the champion was trained with features that are no longer extracted"
    before = champion.metrics["labelled"]
    if grown(before, labels, params.growth):
        return f"{GROWTH}: {labels} labelled objects, the champion knew {before}"
    return None
