"""From where on a measure has moved, and from where on a night is odd by itself."""

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("thresholds.toml")
_ANY = "*"


@cache
def table() -> dict[str, dict[str, dict[str, float]]]:
    """Read thresholds.toml: by the measure's name and group, its quiet range ``low`` to ``high``.

    Weather comes and goes: single nights reach beyond, but not several alike. ``odd_low`` and ``odd_high`` are the
    wider range of single nights. `tests.bench_drift` measured both on nights without change: docs/drift.md says how,
    and the false-alarm rate. The group ``*`` is for those that have no line of their own; a bound that is not there is
    never passed.
    """
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def quiet(name: str, group: str) -> tuple[float, float]:
    """Give the range within which a measure of a group has not moved; everything for one nobody calibrated."""
    return _range(name, group, "low", "high")


def moved(measure: dict[str, Any], standard_errors: float) -> bool:
    """Tell whether a measure lies beyond its quiet range by so many standard errors."""
    return _beyond(measure, quiet(measure["name"], measure["group"]), standard_errors)


def odd(measure: dict[str, Any], standard_errors: float) -> bool:
    """Tell whether a measure lies, by so many standard errors, beyond all that single nights show."""
    return _beyond(measure, _range(measure["name"], measure["group"], "odd_low", "odd_high"), standard_errors)


def _range(name: str, group: str, low: str, high: str) -> tuple[float, float]:
    groups = table().get(name, {})
    found = groups.get(group, groups.get(_ANY, {}))
    return found.get(low, -math.inf), found.get(high, math.inf)


def _beyond(measure: dict[str, Any], ends: tuple[float, float], standard_errors: float) -> bool:
    value, noise = measure["value"], standard_errors * measure["noise"]
    return value is not None and bool(value - noise > ends[1] or value + noise < ends[0])
