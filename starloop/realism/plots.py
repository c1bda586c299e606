"""Pictures of two skies side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from starloop.realism.compare import Compared, error_ratio
from starloop.realism.published import CLASSES, Held
from starloop.realism.quantities import error_relation
from starloop.sky.tables import Sky

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MINE, _THEIRS = "#d1495b", "#30638e"
_COLUMNS = 3


def distributions(compared: list[Compared], out: Path) -> None:
    """Draw the cumulative distribution of every quantity in both skies; its distance stands in the panel."""
    from matplotlib.ticker import NullFormatter

    figure, panels = _panels(len(compared))
    for panel, one in zip(panels, compared, strict=True):
        for quantity, colour, label in ((one.simulated, _MINE, "simulated"), (one.recorded, _THEIRS, "recorded")):
            values = np.sort(quantity.values)
            if len(values):
                panel.step(values, np.arange(1, len(values) + 1) / len(values), color=colour, label=label, lw=1.4)
        if one.recorded.logarithmic:
            panel.set_xscale("log")
            panel.xaxis.set_minor_formatter(NullFormatter())
        panel.set_title(f"{one.recorded.name}\nKS {one.distance:.2f}", fontsize=9)
        panel.set_xlabel(one.recorded.unit or "number", fontsize=8)
        panel.set_ylabel("share at or below", fontsize=8)
        panel.grid(alpha=0.25)
    panels[0].legend(fontsize=8)
    _save(figure, out)


def errors(simulated: Sky, recorded: Sky, out: Path) -> None:
    """Draw error against magnitude in both skies, and the ratio of their medians, g and r."""
    figure, panels = _panels(4, columns=2)
    for row, band in enumerate(("g", "r")):
        left, right = panels[2 * row], panels[2 * row + 1]
        for sky, colour, label in ((simulated, _MINE, "simulated"), (recorded, _THEIRS, "recorded")):
            mag, error = error_relation(sky, band)
            some = np.random.default_rng(0).permutation(len(mag))[:3000]
            left.plot(mag[some], error[some], ".", ms=1.5, color=colour, alpha=0.5, label=label)
        left.set_yscale("log")
        left.set_xlim(13, 21.5)
        left.set_xlabel(f"magpsf, {band} (mag)", fontsize=8)
        left.set_ylabel("sigmapsf (mag)", fontsize=8)
        left.legend(fontsize=8, markerscale=6)
        centre, ratio = error_ratio(simulated, recorded, band)
        right.plot(centre, ratio, "o-", color=_MINE)
        right.axhline(1, color=_THEIRS, lw=1)
        right.set_xlabel(f"magpsf, {band} (mag)", fontsize=8)
        right.set_ylabel("median error, simulated / recorded", fontsize=8)
        right.set_ylim(0, 2.5)
    _save(figure, out)


def classes(held: list[Held], out: Path) -> None:
    """Draw the cumulative distributions of each class's periods and amplitudes beside the published log-normals."""
    from matplotlib.ticker import NullFormatter

    figure, panels = _panels(2 * len(held), columns=4)
    for number, one in enumerate(held):
        known = CLASSES[one.name]
        pairs = (
            ("period", "d", one.periods, known.period, known.period_dex, one.period_distance),
            ("amplitude", "mag", one.amplitudes, known.amplitude, known.amplitude_dex, one.amplitude_distance),
        )
        for panel, (what, unit, values, median, dex, distance) in zip(panels[2 * number :], pairs, strict=False):
            grid = median * 10 ** np.linspace(-3 * dex, 3 * dex, 200)
            panel.plot(grid, norm.cdf(np.log10(grid / median) / dex), color=_THEIRS, label="published")
            inside = np.sort(values)
            panel.step(
                inside, np.arange(1, len(inside) + 1) / max(len(inside), 1), color=_MINE, label="simulated", lw=1.4
            )
            panel.set_xscale("log")
            panel.xaxis.set_minor_formatter(NullFormatter())
            panel.set_title(f"{one.name}: {what}\nKS {distance:.2f}", fontsize=9)
            panel.set_xlabel(unit, fontsize=8)
            panel.grid(alpha=0.25)
    panels[0].legend(fontsize=8)
    _save(figure, out)


def _panels(number: int, columns: int = _COLUMNS) -> "tuple[Figure, list[Axes]]":
    from matplotlib.figure import Figure

    rows = -(-number // columns)
    figure = Figure(figsize=(4.2 * columns, 3.1 * rows), layout="constrained")
    panels = list(np.atleast_1d(figure.subplots(rows, columns)).ravel())
    for spare in panels[number:]:
        spare.remove()
    return figure, panels[:number]


def _save(figure: "Figure", out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=90, metadata={"Software": None})
