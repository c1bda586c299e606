"""From where on a measure has moved."""

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

    ``make bench-drift`` measured it on nights without change: docs/drift.md says how, and the false-alarm rate. The
    group ``*`` is for those that have no line of their own; a bound that is not there is never passed.
    """
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def quiet(name: str, group: str) -> tuple[float, float]:
    """Give the range within which a measure of a group has not moved; everything for one nobody calibrated."""
    groups = table().get(name, {})
    found = groups.get(group, groups.get(_ANY, {}))
    return found.get("low", -math.inf), found.get("high", math.inf)


def moved(measure: dict[str, Any], standard_errors: float) -> bool:
    """Tell whether a measure lies beyond its quiet range by so many standard errors."""
    value, noise = measure["value"], standard_errors * measure["noise"]
    low, high = quiet(measure["name"], measure["group"])
    return value is not None and bool(value - noise > high or value + noise < low)
