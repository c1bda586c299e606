"""The night's page: one HTML file that opens from a disk, without a network."""

import io
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import jinja2
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import Imbalance
from starloop.nights.calendar import Night
from starloop.nights.ledger import COLUMNS, Ledger
from starloop.nights.store import Home

EXAMPLES = 6
_COLOURS = {"g": "#2a9d5c", "r": "#d1495b", "i": "#a06a2c"}
_MARKERS = {"g": "o", "r": "s", "i": "D"}


def report(home: Home, night: Night, facts: dict[str, Any]) -> Path:
    """Write the page of a night and give its path.

    Everything but the timings is the same for the same night. What a night does not have is said so.

    Parameters
    ----------
    home : Home
        Its ledger, checks, predictions, evaluation, drift verdict and good rows are read where they are.
    night : Night
        The night.
    facts : dict
        ``sky`` and ``origin``; and where the run has them ``gate``, ``endpoint`` (JSON values) and
        ``seconds`` (step to seconds).

    Raises
    ------
    BadInput
        When the ledger is there and cannot be read.
    """
    path = home.report(night)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True
    )
    environment.filters["figure"] = _figure
    decisions = _decisions(home.predictions(night))
    page = environment.get_template("report.html").render(
        night=night,
        facts={"gate": None, "endpoint": None, "seconds": {}, **facts},
        ledger=_ledger(home.ledger(night)),
        checks=_checks(home, night),
        classes=sorted(Counter(decisions.values()).items(), key=lambda item: (-item[1], item[0])),
        metrics=_read(home.evaluation / "metrics.json"),
        card=_beside(home.evaluation / "card.html", path),
        drift=_drift(home, night),
        curves=_examples(home.good(night), decisions),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)
    return path


def _read(path: Path) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def _beside(target: Path, page: Path) -> str | None:
    """Give the link from a page to a file, where there is one."""
    return os.path.relpath(target, page.parent) if target.is_file() else None


def _figure(value: object) -> str:
    """Write a number for a person: two decimals for a fraction, a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _ledger(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {"columns": COLUMNS, "rows": [], "fault": None}
    ledger, fault = Ledger.load(path), None
    try:
        ledger.balance()
    except Imbalance as found:
        fault = str(found)
    return {"columns": COLUMNS, "rows": ledger.rows(), "fault": fault}


def _checks(home: Home, night: Night) -> dict[str, Any] | None:
    told = _read(home.checks(night))
    if told is None:
        return None
    expectations = told["expectations"]
    docs = home.data_docs / f"{night}.html"
    return {
        "total": len(expectations),
        "passed": sum(one["success"] for one in expectations),
        "failed": [one for one in expectations if not one["success"]],
        "docs": _beside(docs, home.report(night)),
    }


def _drift(home: Home, night: Night) -> dict[str, Any] | None:
    told = _read(home.drift(night) / "verdict.json")
    return {name: told["verdict"][name] for name in ("kind", "nights", "reasons")} if told else None


def _decisions(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    table = pq.read_table(path, columns=["oid", "decision"])
    return dict(zip(table["oid"].to_pylist(), table["decision"].to_pylist(), strict=True))


def _examples(good: Path, decisions: dict[str, str]) -> list[dict[str, str]]:
    """Draw the best observed object of each decision, then the next best, until there are enough."""
    path = good / "detections.parquet"
    if not path.is_file():
        return []
    from starloop.features.photometry import light_curves

    curves = light_curves(pq.read_table(path))
    best = sorted(curves.select(["oid", "mjd"]).to_pylist(), key=lambda row: (-len(row["mjd"]), row["oid"]))
    rank: Counter[str] = Counter()
    order: list[tuple[int, int, str]] = []
    for place, row in enumerate(best):
        decision = decisions.get(row["oid"], "not classified")
        order.append((rank[decision], place, row["oid"]))
        rank[decision] += 1
    row_of = {oid: row for row, oid in enumerate(curves["oid"].to_pylist())}
    return [
        {"oid": oid, "decision": decisions.get(oid, "not classified"), "picture": _draw(curves, row_of[oid])}
        for _, _, oid in sorted(order)[:EXAMPLES]
    ]


def _draw(curves: pa.Table, row: int) -> str:
    """Draw one light curve as SVG whose ink follows the page's colours."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mjd, mag, err, bands = (curves[name][row].as_py() for name in ("mjd", "mag", "err", "band"))
    with mpl.rc_context({"svg.hashsalt": "starloop", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(4.2, 2.6), layout="constrained")
        axes = figure.add_subplot()
        for band in sorted(set(bands)):
            of = [place for place, name in enumerate(bands) if name == band]
            axes.errorbar(
                [mjd[i] for i in of],
                [mag[i] for i in of],
                [err[i] for i in of],
                fmt=_MARKERS[band],
                color=_COLOURS[band],
                markersize=3,
                linewidth=0.8,
                linestyle="none",
            )
        axes.invert_yaxis()
        axes.set_xlabel("MJD")
        axes.set_ylabel("magnitude")
        axes.ticklabel_format(useOffset=False)
        axes.spines[["top", "right"]].set_visible(False)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
    svg = drawn.getvalue()
    return svg[svg.index("<svg") :].replace("#000000", "currentColor").replace("stroke: #000", "stroke: currentColor")
