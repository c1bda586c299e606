"""How far the features of a night's objects are from those the champion was trained on, block by block."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.stats import wasserstein_distance

from starloop.drift.seen import Measure
from starloop.errors import BadInput

Reals = NDArray[np.float64]
Values = dict[str, Reals]

_TAIL = 1.0
_CHANCE = 1.29
"""Mean Wasserstein distance of two samples of n and m normal values, over √(1/n + 1/m), in standard deviations."""
_SMALLEST_STD = 0.001
_PLACES = ("galactic_latitude",)
"""Where objects stand is no drift: every season shows other fields."""


@cache
def blocks() -> dict[str, tuple[str, ...]]:
    """Give the features of each block of the extractor: ``g statistics``, ``release r statistics``, ``tess``."""
    from starloop.features.blocks import BLOCKS

    found = {}
    for block in BLOCKS:
        of, module = block.prefix.replace("_", " "), block.module.__name__.rpartition(".")[2]
        found[f"{of}{module}"] = block.names
    return found


def drift(reference: Mapping[str, Any], current: pa.Table, decisions: Sequence[str], fewest: int) -> Iterator[Measure]:
    """Measure each block of features, over all objects and within those of the same decision.

    A block's value is the mean of `distances` over its features; within a decision it is the median over all features,
    for in few objects one feature in many lies anywhere.

    Raises
    ------
    BadInput
        When a feature of the reference is not in `current`.
    """
    before, now = values(reference, current)
    before, now = ({name: one[name] for name in one if name not in _PLACES} for one in (before, now))
    everyone = distances(before, now, fewest)
    for block, members in blocks().items():
        found = [everyone[name] for name in members if name in everyone]
        value = float(np.mean(found)) if found else None
        yield Measure("features", block, "features", value, 0.0, current.num_rows)
    were, are = np.array(reference["decisions"]), np.array(decisions)
    for decision in sorted(set(reference["decisions"]) & set(decisions)):
        old, new = were == decision, are == decision
        known, seen = {name: one[old] for name, one in before.items()}, {name: one[new] for name, one in now.items()}
        inside = list(distances(known, seen, fewest).values())
        value = float(np.median(inside)) if inside else None
        yield Measure("features within", decision, "features", value, 0.0, int(new.sum()))


def values(reference: Mapping[str, Any], current: pa.Table) -> tuple[Values, Values]:
    """Give the features of the reference and of a night, NaN where missing, tails clipped to the reference's.

    Beyond the reference's 1st and 99th percentile periods and chi-squares would otherwise be all a distance sees.
    """
    absent = [name for name in reference["features"] if name not in current.column_names]
    if absent:
        raise BadInput(
            f"the night's features lack {', '.join(absent[:3])}, which the champion was trained on: "
            "compute the night's features again or retrain"
        )
    before, now = {}, {}
    for name, told in reference["features"].items():
        old, new = np.array(told, dtype=float), current[name].to_numpy().astype(float)
        finite = old[np.isfinite(old)]
        ends = np.percentile(finite, [_TAIL, 100 - _TAIL]) if len(finite) else (np.nan, np.nan)
        before[name], now[name] = (np.where(np.isfinite(one), one, np.nan).clip(*ends) for one in (old, new))
    return before, now


def distances(before: Values, now: Values, fewest: int) -> dict[str, float]:
    """Give the distance of every feature with enough finite values on both sides.

    It is Wasserstein's (Ramdas, Garcia & Cuturi 2017, doi:10.3390/e19020047) in the reference's standard deviations,
    as Evidently measures it, less what two samples of these sizes show by chance, at least 0. Evidently takes a
    minute for what takes a second here.
    """
    found = {}
    for name, column in before.items():
        old, new = column[np.isfinite(column)], now[name][np.isfinite(now[name])]
        if len(old) >= fewest <= len(new):
            scale = max(float(old.std()), _SMALLEST_STD)
            chance = _CHANCE * (1 / len(old) + 1 / len(new)) ** 0.5
            found[name] = max(0.0, float(wasserstein_distance(old, new)) / scale - chance)
    return found
