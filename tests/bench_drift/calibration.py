"""From ordinary nights to the ranges within which a measure has not moved.

A measure's range (``low`` to ``high``) is that of what lasts: of each few successive nights, what the newest and enough
of the others reach. Measures of rows have one for single nights, too (``odd_low`` to ``odd_high``): that of all values.
Both reach from the least to the greatest on the ordinary nights of all skies, standard errors taken off, and beyond by
a margin: a multiple of the way from the median to that end, the same for all measures. It is the least margin with
which, every sky judged by ranges made of the others, at most `FALSE_ALARMS` of the nights alarm. No range is narrower
than `LEAST`: what is less is not worth a person's while.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from starloop.drift import thresholds
from starloop.drift.params import DriftParams
from tests.bench_drift.course import KINDS
from tests.bench_drift.judging import quiet
from tests.bench_drift.running import Measured

FALSE_ALARMS = 0.02
MARGINS = (0.1, 0.25, 0.5, 1.0, 2.0)
FEWEST_SHARE = 0.5
"""A group with values on a smaller share of the nights has no range of its own: it gets that of all groups."""
OF_ANSWERS = ("accuracy lost", "features", "features within", "newcomers", "class shares", "abstention", "confidence")
LEAST: dict[str, tuple[float | None, float]] = {
    "offset": (-0.05, 0.05),  # mag
    "zero point": (-0.08, 0.08),  # mag
    "errors": (-0.3, 0.3),
    "depth": (-1.5, 0.45),  # mag; clouds make nights shallower
    "rows a night": (-2.0, 0.2),  # powers of two; a partly cloudy night has few
    "objects": (None, 0.85),  # powers of ten; the fullest night known may have been a cloudy one
    "scatter": (None, 1.5),
    "disagreement": (None, 0.5),
    "band lost": (None, 0.4),
    "nulls": (None, 0.1),
    "stuck": (None, 0.3),
    "values": (None, 0.3),
    "new identifiers": (None, 0.5),
    "seen once": (None, 0.5),
    "quarantined": (None, 0.03),
    "features": (None, 0.25),  # standard deviations
    "features within": (None, 0.25),
    "newcomers": (None, 0.03),
    "class shares": (None, 0.2),  # Jensen-Shannon distance
    "abstention": (None, 0.1),
    "confidence": (None, 0.1),
    "accuracy lost": (None, 0.15),  # not in the bench: labels arrive later
}
"""The least range of what is measured of rows, and of the real performance: below, nobody need look. Measures without a
lower end are distances, rises and shares."""

Table = dict[str, dict[str, dict[str, float]]]
Nightly = NDArray[np.float64]
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
    """Give the ranges of some skies' ordinary nights with a margin."""
    rows = {name for name in LEAST if name not in OF_ANSWERS}
    courses = [_by_measure(course, params) for course in measured.values()]
    nights = sum(len(values) for course in courses for values in list(course.values())[:1])
    found: dict[str, dict[str, list[Nightly]]] = {name: {} for name in LEAST}
    for course in courses:
        for (name, group), values in course.items():
            found.setdefault(name, {}).setdefault(group, []).append(values)
    table: Table = {}
    for name, groups in sorted(found.items()):
        others = _range(name, [one for values in groups.values() for one in values], margin, params, name in rows)
        own = {
            group: _range(name, values, margin, params, name in rows)
            for group, values in sorted(groups.items())
            if sum(np.isfinite(one[:, 0]).sum() for one in values) >= FEWEST_SHARE * nights
        }
        table[name] = {**{group: ends for group, ends in own.items() if ends != others}, _ANY: others}
    return table


def _by_measure(course: Measured, params: DriftParams) -> dict[tuple[str, str], Nightly]:
    """Give, of every measure, how far it lies at least above and below, night by night; NaN where it has no value."""
    nights = [one["night"]["measures"] for one in course if one["kind"] is None]
    found: dict[tuple[str, str], Nightly] = {}
    for number, night in enumerate(nights):
        for one in night:
            values = found.setdefault((one["name"], one["group"]), np.full((len(nights), 2), np.nan))
            if one["value"] is not None:
                noise = params.standard_errors * one["noise"]
                values[number] = one["value"] - noise, -(one["value"] + noise)
    return found


def _range(name: str, values: list[Nightly], margin: float, params: DriftParams, rows: bool) -> dict[str, float]:
    least = LEAST.get(name, (None, 0.0))
    lasting = np.concatenate([_lasting(one, params) for one in values] or [np.empty((0, 2))])
    single = np.concatenate([*values] or [np.empty((0, 2))])
    ends = {}
    for side, (end, sign) in enumerate((("high", 1.0), ("low", -1.0))):
        worth = least[1 - side]
        if worth is not None:
            far = _beyond(lasting[:, side], abs(worth), margin)
            ends[end] = sign * far
            if rows:
                ends[f"odd_{end}"] = sign * _beyond(single[:, side], far, margin)
    return {end: round(ends[end], 4) for end in ("low", "high", "odd_low", "odd_high") if end in ends}


def _lasting(values: Nightly, params: DriftParams) -> Nightly:
    """Give, for each window of nights, what its newest night and enough of the others reach."""
    known = np.where(np.isfinite(values), values, -np.inf)
    windows = np.stack([known[start : len(known) - params.nights + 1 + start] for start in range(params.nights)])
    others = np.sort(windows[:-1], axis=0)[len(windows) - params.agree]
    reached: Nightly = np.minimum(windows[-1], others)
    return reached


def _beyond(values: NDArray[np.float64], least: float, margin: float) -> float:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return least
    return max(least, float(finite.max() + margin * (finite.max() - np.median(finite))))


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
