"""From ordinary nights to the ranges within which a measure has not moved.

A measure's range reaches from its least to its greatest value on the ordinary nights of all seeds, standard errors
taken off, and beyond by a margin: a multiple of the way from its median to that end, the same for all measures. It is
the least margin with which, every seed judged by ranges made of the others, at most `FALSE_ALARMS` of the nights alarm.
No range is narrower than `LEAST`: what is less is not worth a person's while.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np

from starloop.drift import thresholds
from starloop.drift.params import DriftParams
from tests.bench_drift.course import KINDS
from tests.bench_drift.judging import quiet
from tests.bench_drift.running import Measured

FALSE_ALARMS = 0.005
MARGINS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
FEWEST_SHARE = 0.5
"""A group with values on a smaller share of the nights has no range of its own: it gets that of all groups."""
LEAST: dict[str, tuple[float | None, float]] = {
    "offset": (-0.05, 0.05),  # mag
    "zero point": (-0.08, 0.08),  # mag
    "errors": (-0.3, 0.3),
    "depth": (-1.0, 0.45),  # mag; clouds make nights shallower
    "rows a night": (-2.0, 0.2),  # powers of two; a partly cloudy night has few
    "objects": (None, 0.6),  # powers of ten
    "scatter": (None, 0.4),
    "band lost": (None, 0.4),
    "nulls": (None, 0.1),
    "stuck": (None, 0.3),
    "values": (None, 0.3),
    "new identifiers": (None, 0.5),
    "seen once": (None, 0.5),
    "quarantined": (None, 0.03),
    "accuracy lost": (None, 0.15),  # not in the bench: labels arrive later
}
"""The least range of what is not measured of features and answers, below which nobody need look. Measures without a
lower end are distances, rises and shares."""

Table = dict[str, dict[str, dict[str, float]]]
_ANY, _QUIET = "*", "none"


@dataclass(frozen=True)
class Calibrated:
    """Ranges, and how they were come by.

    Parameters
    ----------
    table : dict
        By a measure's name and group, ``low`` and ``high``.
    margin : float
        How far beyond the values seen.
    nights, alarms : int
        The ordinary nights, and how many of them alarmed by ranges made of other seeds.
    """

    table: Table
    margin: float
    nights: int
    alarms: int


def calibrate(measured: Mapping[int, Measured], params: DriftParams) -> Calibrated:
    """Choose the margin and make the ranges; the last margin is taken when none is wide enough."""
    for margin in MARGINS:
        alarms = nights = 0
        for seed, course in measured.items():
            others = {other: nightly for other, nightly in measured.items() if other != seed}
            with patch.object(thresholds, "table", return_value=ranges(others, margin, params)):
                said = quiet(course, params)
            nights += len(said)
            alarms += sum(verdict.kind != "none" for verdict in said)
        if alarms <= FALSE_ALARMS * nights:
            break
    return Calibrated(ranges(measured, margin, params), margin, nights, alarms)


def ranges(measured: Mapping[int, Measured], margin: float, params: DriftParams) -> Table:
    """Give the ranges of some seeds' ordinary nights with a margin."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = defaultdict(lambda: defaultdict(list))
    nights = [one["night"] for course in measured.values() for one in course if one["kind"] is None]
    for night in nights:
        for one in night["measures"]:
            if one["value"] is not None:
                noise = params.standard_errors * one["noise"]
                found[one["name"]][one["group"]].append((one["value"] + noise, one["value"] - noise))
    table: Table = {}
    for name in sorted({*found, *LEAST}):
        groups = found[name]
        others = _range(name, [value for values in groups.values() for value in values], margin)
        own = {
            group: _range(name, values, margin)
            for group, values in sorted(groups.items())
            if len(values) >= FEWEST_SHARE * len(nights)
        }
        table[name] = {**{group: ends for group, ends in own.items() if ends != others}, _ANY: others}
    return table


def _range(name: str, values: list[tuple[float, float]], margin: float) -> dict[str, float]:
    low, high = LEAST.get(name, (None, 0.0))
    if values:
        upward, downward = np.array(values).T
        high = max(high, float(downward.max() + margin * (downward.max() - np.median(downward))))
        if low is not None:
            low = min(low, float(upward.min() - margin * (np.median(upward) - upward.min())))
    ends = {"high": high} if low is None else {"low": low, "high": high}
    return {end: round(value, 4) for end, value in ends.items()}


def written(calibrated: Calibrated, command: str) -> str:
    """Give the text of thresholds.toml."""
    lines = [
        '# From where on a measure of one night has moved: by its name, then by its group; "*" is every other group.',
        f"# Written by `{command}` from {calibrated.nights} nights without change: docs/drift.md.",
    ]
    for name, groups in calibrated.table.items():
        lines.append("")
        for group, ends in groups.items():
            told = ", ".join(f"{end} = {value!r}" for end, value in ends.items())
            lines.append(f'"{name}"."{group}" = {{ {told} }}')
    return "\n".join(lines) + "\n"


def separation(measured: Mapping[int, Measured], table: Table, params: DriftParams) -> str:
    """Write, by a measure's name and kind of change, the share (%) of nights on which it moved in any group."""
    moved: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    with patch.object(thresholds, "table", return_value=table):
        for one in (night for course in measured.values() for night in course):
            beyond = {sign["name"]: False for sign in one["night"]["measures"]}
            for sign in one["night"]["measures"]:
                beyond[sign["name"]] |= thresholds.moved(sign, params.standard_errors)
            for name, flag in beyond.items():
                moved[name][one["kind"] or _QUIET].append(flag)
    kinds = [_QUIET, *KINDS]
    lines = [f"| measure | {' | '.join(kinds)} |", f"|---|{'--:|' * len(kinds)}"]
    for name, by_kind in sorted(moved.items()):
        shares = [f"{100 * np.mean(by_kind[kind]):.0f}" if any(by_kind[kind]) else "" for kind in kinds]
        lines.append(f"| {name} | {' | '.join(shares)} |")
    return "\n".join(lines) + "\n"
