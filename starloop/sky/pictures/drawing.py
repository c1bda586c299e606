"""How light curves are drawn: a colour and a marker for each filter, limits as carets, faint magnitudes below."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from starloop.sky.pictures.points import Points
from starloop.sky.populations.objects import GREEN, INFRARED, RED, Reals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {GREEN: "#1f8a3b", RED: "#d62f2a", INFRARED: "#6e1020"}
NAMES = {GREEN: "g", RED: "r", INFRARED: "i"}
_MARKERS = {GREEN: "o", RED: "s", INFRARED: "D"}


def measured(axes: "Axes", x: Reals, points: Points, *, size: float = 3.0, strength: float = 0.9) -> None:
    """Draw magnitudes with error bars at `x`; hollow where only a fading below the reference is known."""
    for fid, colour in COLOURS.items():
        for hollow in (False, True):
            of = (points.fid == fid) & (points.faded == hollow)
            if of.any():
                axes.errorbar(
                    x[of],
                    points.mag[of],
                    points.err[of],
                    fmt=_MARKERS[fid],
                    color=colour,
                    markerfacecolor="none" if hollow else colour,
                    markeredgewidth=0.6 if hollow else 0,
                    markersize=size,
                    elinewidth=0.5,
                    alpha=strength,
                )


def upper_limits(axes: "Axes", points: Points) -> None:
    """Draw limiting magnitudes against time as faint carets that point to the faint side."""
    for fid, colour in COLOURS.items():
        of = points.fid == fid
        axes.plot(
            points.mjd[of], points.mag[of], linestyle="none", marker=7, markersize=3, color=colour, alpha=0.22, zorder=1
        )


def magnitude_axis(axes: "Axes", mags: Reals, below: float = 0.0) -> None:
    """Let the axis hold all but the wildest magnitudes, the bright ones on top, and `below` more at the bottom."""
    bright, faint = np.percentile(mags, [0.5, 99.5])
    room = max(0.12 * (faint - bright), 0.08)
    axes.set_ylim(max(faint + room, below), bright - room)


def legend(figure: "Figure", *, size: float, right: float, top: float) -> None:
    """Tell the filters and the signs, once for the whole picture."""
    from matplotlib.lines import Line2D

    signs = [
        Line2D([], [], linestyle="none", marker=_MARKERS[fid], color=COLOURS[fid], label=f"ZTF {NAMES[fid]}")
        for fid in COLOURS
    ]
    signs.append(Line2D([], [], linestyle="none", marker=7, color="0.6", label="limit (5σ)"))
    signs.append(
        Line2D([], [], linestyle="none", marker="o", color="0.4", markerfacecolor="none", label="negative difference")
    )
    figure.legend(
        handles=signs, loc="upper right", bbox_to_anchor=(right, top), ncols=len(signs), fontsize=size, frameon=False
    )


def save(figure: "Figure", out: Path) -> Path:
    """Write a PNG that is the same for the same picture, and give its path."""
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, format="png", dpi=80, metadata={"Software": None})
    return out
