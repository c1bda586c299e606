"""A page of example light curves, one row a class."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from starloop.errors import BadInput
from starloop.sky.pictures import drawing
from starloop.sky.pictures.points import Points, alerts, detection_counts, limits, releases
from starloop.sky.populations.objects import Reals
from starloop.sky.tables import Sky

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RELISTED = "J/ApJS/249/18/table2"
"""Lists periodic stars that VSX lists as well, by other names of the same types: no rows of its own."""

UNLISTED = "in no catalogue"
"""The row of objects that alert and that no catalogue lists."""

_WIDTH_IN, _HEIGHT_IN, _HEAD_IN = 3.4, 2.1, 0.75
_BINS = 25
_FEWEST_TO_FOLD = 20


@dataclass(frozen=True)
class _Example:
    oid: str
    type: str
    period: float | None


def gallery(sky: Sky, out: Path, examples: int = 4) -> Path:
    """Draw example light curves as a PNG, one row for each type of the sky's catalogues.

    A row's examples go in even steps from its best observed object to its middling one. Periodic objects are folded
    with the catalogue's period, from data-release photometry where there is some; phase 0 is where the curve is
    brightest, or faintest for eclipsing binaries. The others are drawn in time, alerts large and data-release
    photometry small.

    Parameters
    ----------
    sky : Sky
        Where the light curves come from.
    out : Path
        The file to write.
    examples : int
        How many a row, at least one.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    BadInput
        When the sky has no detections, or `examples` is less than one.
    """
    from matplotlib.figure import Figure

    if examples < 1:
        raise BadInput(f"a gallery with {examples} examples a row shows nothing: ask for at least 1")
    rows = _chosen(sky, examples)
    oids = sorted({example.oid for row in rows for example in row})
    seen, unseen, released = alerts(sky, oids), limits(sky, oids), releases(sky, oids)
    width, height = _WIDTH_IN * examples + 0.4, _HEIGHT_IN * len(rows) + _HEAD_IN
    figure = Figure(figsize=(width, height))
    panels = figure.subplots(len(rows), examples, squeeze=False)
    figure.subplots_adjust(
        left=0.65 / width,
        right=1 - 0.15 / width,
        bottom=0.5 / height,
        top=1 - _HEAD_IN / height,
        wspace=0.2,
        hspace=0.62,
    )
    figure.text(
        0.2 / width, 1 - 0.12 / height, f"{sky.name} ({sky.origin}): example light curves", fontsize=12, va="top"
    )
    drawing.legend(figure, size=8, right=1.0, top=1 - 0.05 / height)
    for row, line in zip(rows, panels, strict=True):
        for place, axes in enumerate(line):
            if place >= len(row):
                axes.set_axis_off()
                continue
            example = row[place]
            curve = seen.get(example.oid), unseen.get(example.oid), released.get(example.oid)
            _panel(axes, example, *curve)
            if place == 0:
                axes.set_ylabel("magnitude (AB)", fontsize=8)
    return drawing.save(figure, out)


def _chosen(sky: Sky, examples: int) -> list[list[_Example]]:
    """Choose the examples: one list a type, types in the order of their catalogues, the unlisted last.

    A type of fewer objects than examples is mostly a wrong one, and left out where another has enough.
    """
    counts = detection_counts(sky)
    if not counts:
        raise BadInput(f"{sky.folder} has no detections: there is nothing to draw")
    entries = sky.read("catalogues").sort_by([("catalogue", "ascending"), ("type", "ascending")])
    entries = entries.filter(pc.not_equal(entries["catalogue"], RELISTED))
    of_type: dict[str, dict[str, _Example]] = defaultdict(dict)
    listed = set()
    for entry in entries.to_pylist():
        oid = entry["oid"]
        if oid in counts and oid not in listed:
            listed.add(oid)
            name = entry["type"] or "no type"
            of_type[name][oid] = _Example(oid, name, entry["period"])
    unlisted = {oid: _Example(oid, UNLISTED, None) for oid in counts if oid not in listed}
    every = [members for members in (*of_type.values(), unlisted) if members]
    rows = []
    for members in [members for members in every if len(members) >= examples] or every:
        ranked = sorted(members.values(), key=lambda member: (-counts[member.oid], member.oid))
        places = np.unique(np.linspace(0, max(len(ranked) // 2, min(examples, len(ranked)) - 1), examples).round())
        rows.append([ranked[int(place)] for place in places])
    return rows


def _panel(
    axes: "Axes", example: _Example, seen: Points | None, unseen: Points | None, released: Points | None
) -> None:
    best = max((points for points in (released, seen) if points is not None), key=len, default=None)
    axes.tick_params(labelsize=7, length=2.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(f"{example.type}   {example.oid}", fontsize=8.5, loc="left", pad=3)
    if example.period and best is not None and len(best) >= _FEWEST_TO_FOLD:
        _folded(axes, example, released if released is not None and len(released) >= _FEWEST_TO_FOLD else best)
    elif seen is not None:
        _in_time(axes, seen, unseen, released)
    else:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "no usable detection", transform=axes.transAxes, ha="center", fontsize=8, color="0.5")


def _folded(axes: "Axes", example: _Example, points: Points) -> None:
    period = example.period or np.nan
    phase = points.mjd / period % 1
    phase = (phase - _zero(phase, points, eclipsing=example.type.startswith("E"))) % 1
    for turn in (0, 1):
        drawing.measured(axes, phase + turn, points, size=2.2, strength=0.7)
    drawing.magnitude_axis(axes, points.mag)
    axes.set_xlim(0, 2)
    axes.set_xticks([0, 0.5, 1, 1.5, 2])
    axes.set_xlabel(f"phase (P = {period:.5g} d)", fontsize=7.5, labelpad=1)


def _zero(phase: Reals, points: Points, *, eclipsing: bool) -> float:
    """Find the phase at which the best sampled filter is brightest, or faintest for eclipsing binaries."""
    of = points.fid == np.bincount(points.fid).argmax()
    bins = (phase[of] * _BINS).astype(np.int64)
    usual = np.median(points.mag[of])
    means = np.array([np.median(points.mag[of][bins == i]) if (bins == i).any() else usual for i in range(_BINS)])
    return float(((means.argmax() if eclipsing else means.argmin()) + 0.5) / _BINS)


def _in_time(axes: "Axes", seen: Points, unseen: Points | None, released: Points | None) -> None:
    mags, faintest = seen.mag, 0.0
    first, last = seen.mjd.min(), seen.mjd.max()
    if released is not None:
        drawing.measured(axes, released.mjd, released, size=1.3, strength=0.35)
        mags = np.append(mags, released.mag)
        first, last = min(first, released.mjd.min()), max(last, released.mjd.max())
    room = max(0.12 * (last - first), 10.0)
    drawing.measured(axes, seen.mjd, seen)
    if unseen is not None:
        near = unseen.take((unseen.mjd > first - room) & (unseen.mjd < last + room))
        drawing.upper_limits(axes, near)
        faintest = float(np.percentile(near.mag, 90)) if len(near) else 0.0
    # Limits far below an object that is always seen would press it against the top.
    swing = float(np.ptp(np.percentile(mags, [1, 99])))
    drawing.magnitude_axis(axes, mags, below=min(faintest, float(mags.max()) + max(0.5 * swing, 0.2)))
    axes.set_xlim(first - room, last + room)
    axes.ticklabel_format(axis="x", useOffset=False, style="plain")
    axes.locator_params(axis="x", nbins=5)
    axes.set_xlabel("MJD (d)", fontsize=7.5, labelpad=1)
