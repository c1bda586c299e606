"""Evidently's page of a night that moved, for people."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starloop.drift.features import distances, values
from starloop.drift.seen import Seen

if TYPE_CHECKING:
    import pandas as pd

MOST_FEATURES = 30
"""Features on the page, those that moved farthest: with all of them it would be tens of megabytes."""


def write_page(reference: dict[str, Any], seen: Seen, fewest: int, path: Path) -> None:
    """Write Evidently's HTML page (several megabytes) of a night's answers and of the features that moved farthest."""
    os.environ.setdefault("DO_NOT_TRACK", "true")
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import ValueDrift

    before, now, features = _frames(reference, seen, fewest)
    definition = DataDefinition(numerical_columns=features, categorical_columns=["decision"])
    metrics = [
        ValueDrift(column="decision", method="jensenshannon"),
        *(ValueDrift(column=name, method="wasserstein") for name in features),
    ]
    known, current = (Dataset.from_pandas(frame, data_definition=definition) for frame in (before, now))
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial.html")
    Report(metrics).run(current, known).save_html(str(unfinished))
    unfinished.replace(path)


def _frames(reference: dict[str, Any], seen: Seen, fewest: int) -> "tuple[pd.DataFrame, pd.DataFrame, list[str]]":
    import pandas as pd

    before, now = values(reference, seen.features)
    far = distances(before, now, fewest)
    chosen = sorted(far, key=lambda name: (-far[name], name))[:MOST_FEATURES]
    told = dict(zip(seen.predictions["oid"].to_pylist(), seen.predictions["decision"].to_pylist(), strict=True))
    decisions = [told[oid] for oid in seen.features["oid"].to_pylist()]
    return (
        pd.DataFrame({name: before[name] for name in chosen} | {"decision": reference["decisions"]}),
        pd.DataFrame({name: now[name] for name in chosen} | {"decision": decisions}),
        chosen,
    )
