"""One object's light curve across the nights on which its sky changes."""

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.pictures import drawing
from starloop.sky.pictures.points import Points, alerts, detection_counts, limits, releases
from starloop.sky.tables import Sky

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FEWEST_FOR_MEDIAN = 10
_WELL_OBSERVED = 30


def change(sky: Sky, oid: str | None, out: Path) -> Path:
    """Draw one object's data-release and alert photometry as a PNG, with a line on each scenario's night.

    Horizontal lines are each filter's median between those nights: a shift of the zero point shows in them.

    Parameters
    ----------
    sky : Sky
        Where the light curve comes from; its scenarios are read from ``sky.json``.
    oid : str or None
        The object; None takes the variable star that varies least among the best observed: a shift shows in it.
    out : Path
        The file to write.

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    BadInput
        When the sky has no such object, or no detections at all.
    """
    from matplotlib.figure import Figure

    oid = oid or _steady(sky)
    listed = {row["oid"]: row["type"] for row in sky.read("catalogues").to_pylist()}
    seen, unseen, released = (read(sky, [oid]).get(oid) for read in (alerts, limits, releases))
    if seen is None and released is None:
        raise BadInput(f"{sky.folder} has no photometry of the object {oid!r}: name an oid of its objects table")
    nights = _scenarios(sky)
    figure = Figure(figsize=(11, 6.6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    figure.suptitle(
        f"{oid} ({listed.get(oid) or 'in no catalogue'}), {sky.name} ({sky.origin})", fontsize=12, x=0.06, ha="left"
    )
    for axes, points, title in ((upper, released, "data-release photometry"), (lower, seen, "alert photometry")):
        _panel(axes, points, title, nights, unseen if axes is lower else None)
    lower.set_xlabel("MJD (d)")
    lower.ticklabel_format(axis="x", useOffset=False, style="plain")
    drawing.legend(figure, size=8, right=1.0, top=1.0)
    return drawing.save(figure, out)


def _steady(sky: Sky) -> str:
    """Choose the steadiest of the objects with most detections, among the variable stars when there is one."""
    counts = detection_counts(sky)
    if not counts:
        raise BadInput(f"{sky.folder} has no detections: there is nothing to draw")
    entries = sky.read("catalogues").to_pylist()
    variables = {entry["oid"] for entry in entries if entry["catalogue"] == "B/vsx/vsx"} & counts.keys()
    best: list[str] = sorted(variables or counts, key=lambda oid: (-counts[oid], oid))[:_WELL_OBSERVED]
    seen = alerts(sky, best)
    return min(best, key=lambda oid: (_swing(seen.get(oid)), oid))


def _swing(points: Points | None) -> float:
    """Give the interquartile range in the filter with most points, magnitudes."""
    if points is None:
        return float(np.inf)
    mags = points.mag[points.fid == np.bincount(points.fid).argmax()]
    low, high = np.percentile(mags, [25, 75])
    return float(high - low) if len(mags) >= _FEWEST_FOR_MEDIAN else float(np.inf)


def _scenarios(sky: Sky) -> list[tuple[float, str]]:
    """Give the MJDs on which something changes, in order, and what."""
    facts = json.loads((sky.folder / "sky.json").read_text())
    told = [(Night.parse(entry["night"]).begin, str(entry["kind"])) for entry in facts.get("scenarios") or []]
    return sorted(told)


def _panel(
    axes: "Axes", points: Points | None, title: str, nights: list[tuple[float, str]], unseen: Points | None
) -> None:
    axes.set_title(title, loc="left", fontsize=10)
    axes.set_ylabel("magnitude (AB)")
    axes.spines[["top", "right"]].set_visible(False)
    for place, (mjd, kind) in enumerate(nights):
        axes.axvline(mjd, color="0.25", linewidth=1, linestyle="--", zorder=0)
        # Labels of nights near one another must not lie on one another.
        height = 0.98 - 0.07 * (place % 4)
        axes.text(mjd, height, f" {kind}", transform=axes.get_xaxis_transform(), fontsize=8, color="0.25", va="top")
    if points is None:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color="0.5")
        return
    drawing.measured(axes, points.mjd, points, size=3, strength=0.6)
    if unseen is not None:
        drawing.upper_limits(axes, unseen)
    drawing.magnitude_axis(axes, points.mag)
    edges = [-np.inf, *(mjd for mjd, _ in nights), np.inf]
    for fid, colour in drawing.COLOURS.items():
        for first, last in pairwise(edges):
            of = points.take((points.fid == fid) & (points.mjd >= first) & (points.mjd < last) & ~points.faded)
            if len(of) >= _FEWEST_FOR_MEDIAN:
                axes.hlines(np.median(of.mag), of.mjd[0], of.mjd[-1], color=colour, linewidth=1.6, zorder=5)
