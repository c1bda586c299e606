"""How many of a night's objects the survey has only begun to see."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from starloop.drift.seen import Measure

NEW_DAYS = 7.0
"""So long after its first point an object is new, in days."""
_DURATIONS = ("g_duration", "r_duration")


def newcomers(reference: Mapping[str, Any], current: pa.Table, fewest: int) -> Iterator[Measure]:
    """Measure the rise of the share of objects whose alerts span less than `NEW_DAYS`.

    A class or a part of the sky that nobody watched before shows at once in it, long before its objects have enough
    points for their features to tell them apart. A season brings others back, but they have been seen before.
    """
    before = _share([reference["features"].get(name) for name in _DURATIONS])
    now = _share([current[name].to_pylist() if name in current.column_names else None for name in _DURATIONS])
    if before is None or now is None or min(before[1], now[1]) < fewest:
        yield Measure("newcomers", "night", "classes", None, 0.0, current.num_rows)
        return
    (old, m), (new, n) = before, now
    both = (old * m + new * n) / (m + n)
    noise = (both * (1 - both) * (1 / m + 1 / n)) ** 0.5
    yield Measure("newcomers", "night", "classes", new - old, noise, n)


def _share(durations: Sequence[Sequence[float | None] | None]) -> tuple[float, int] | None:
    """Give the share of new objects, and how many there are; without two points in a band there is no duration."""
    if any(one is None for one in durations):
        return None
    longest = np.nan_to_num(np.array(durations, dtype=float)).max(axis=0)
    return (float(np.mean(longest < NEW_DAYS)), len(longest)) if len(longest) else None
