"""The pictures of a model card and of the page of figures; the same figures give the same bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from starloop.evaluation import precision_recall
from starloop.evaluation.answers import Answers
from starloop.evaluation.reliability import reliability
from starloop.model.evaluation import confusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from starloop.evaluation.lengths import ByLength

_INK, _SOFT, _ALARM = "#30638e", "#9aa5ad", "#d1495b"
_BESIDE = 4


def confusion_matrix(answers: Answers, out: Path) -> None:
    """Draw the confusion matrix: numbers of objects, coloured by the share of their true class."""
    counts = confusion(answers.truth, answers.answer, len(answers.classes))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = max(3.6, 0.52 * len(counts) + 1.6)
    with _axes(out, (size, size)) as axes:
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
        for (row, column), number in np.ndenumerate(counts):
            if number:
                dark = shares[row, column] > 0.55
                axes.text(column, row, str(number), ha="center", va="center", fontsize=8, color="w" if dark else "k")
        axes.set_xticks(range(len(counts)), answers.classes, rotation=60, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(counts)), answers.classes)
        axes.set_xlabel("answered")
        axes.set_ylabel("true")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)


def reliability_diagram(answers: Answers, out: Path) -> None:
    """Draw how often the most probable class was true against what was said, above the number of objects a bin."""
    bins = reliability(answers)
    with _figure(out, (4.2, 4.6)) as figure:
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        above.plot([0, 1], [0, 1], color=_SOFT, linewidth=1, label="perfect")
        bars = [np.maximum(bins.came - bins.low, 0), np.maximum(bins.high - bins.came, 0)]
        above.errorbar(bins.said, bins.came, bars, fmt="o", color=_INK, markersize=5, linewidth=1.2, label="model")
        above.set_ylabel("share that was true")
        above.set_ylim(0, 1.02)
        above.set_xlim(0, 1)
        above.legend(frameon=False, fontsize=8)
        below.bar(bins.said, bins.objects, width=0.06, color=_INK)
        below.set_yscale("log")
        below.set_ylim(0.8, None)
        below.set_ylabel("objects")
        below.set_xlabel("probability of the most probable class")
        for axes in (above, below):
            _plain(axes)


def precision_recall_curves(answers: Answers, out: Path) -> None:
    """Draw precision against recall, a panel a class, with the share of a blind guess."""
    present = [number for number in range(len(answers.classes)) if (answers.truth == number).any()]
    columns = min(_BESIDE, len(present))
    rows = -(-len(present) // columns)
    with _figure(out, (2.4 * columns, 2.3 * rows + 0.2)) as figure:
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, number in zip(panels, present, strict=False):
            true = answers.truth == number
            probability = answers.probabilities[:, number]
            recall, precision = precision_recall.curve(true, probability)
            axes.axhline(true.mean(), color=_SOFT, linewidth=1)
            axes.step(np.append(0, recall), np.append(precision[:1], precision), where="pre", color=_INK, linewidth=1.4)
            area = precision_recall.average_precision(true, probability)
            axes.set_title(f"{answers.classes[number]} ({true.sum()}), area {area:.2f}", fontsize=8.5)
            axes.set_xlim(0, 1.02)
            axes.set_xticks([0, 0.5, 1])
            axes.set_ylim(0, 1.04)
            _plain(axes)
        for axes in panels[max(len(present) - columns, 0) : len(present)]:
            axes.tick_params(labelbottom=True)
        for spare in panels[len(present) :]:
            spare.set_visible(False)
        figure.supxlabel("recall", fontsize=9)
        figure.supylabel("precision", fontsize=9)


def by_length(table: "ByLength", out: Path) -> None:
    """Draw accuracy and macro-F1 against the days that are known of a light curve."""
    places = np.arange(len(table.rows))
    with _axes(out, (5.2, 3.0)) as axes:
        for name, colour in (("accuracy", _INK), ("macro_f1", _ALARM)):
            figures = [getattr(row.headline, name) for row in table.rows]
            axes.fill_between(
                places, [one.low for one in figures], [one.high for one in figures], color=colour, alpha=0.15
            )
            axes.plot(places, [one.value for one in figures], "o-", color=colour, label=name.replace("_f1", "-F1"))
        axes.set_xticks(places, [row.name for row in table.rows])
        axes.set_xlabel("days since the first detection")
        axes.set_ylim(0, 1)
        axes.legend(frameon=False, fontsize=8, loc="lower right")
        _plain(axes)


def bars(values: dict[str, float], label: str, out: Path) -> None:
    """Draw named values as bars, the largest on top."""
    order = sorted(values, key=lambda name: (values[name], name))
    with _axes(out, (5.2, 0.24 * len(order) + 0.8)) as axes:
        axes.barh(range(len(order)), [values[name] for name in order], color=_INK, height=0.7)
        axes.set_yticks(range(len(order)), order, fontsize=8)
        axes.set_xlabel(label)
        axes.margins(y=0.01)
        _plain(axes)


def _plain(axes: "Axes") -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.2, linewidth=0.6)
    axes.set_axisbelow(True)


@contextmanager
def _axes(out: Path, size: tuple[float, float]) -> "Iterator[Axes]":
    with _figure(out, size) as figure:
        axes = figure.add_subplot()
        yield axes


@contextmanager
def _figure(out: Path, size: tuple[float, float]) -> "Iterator[Any]":
    """Give a figure, and write it as what the name ends with, without a date or a program's version."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "starloop", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=size, layout="constrained")
        yield figure
        metadata = {"Date": None, "Creator": None} if out.suffix == ".svg" else {"Software": None}
        figure.savefig(out, dpi=110, metadata=metadata)
