"""The page of all nights: what was said of each, and every measure over time, in one file without a network."""

import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2

from starloop.drift.decision import OF_THE_SKY
from starloop.drift.params import DriftParams
from starloop.drift.thresholds import moved, quiet
from starloop.nights.store import Home

MOST_NIGHTS = 200
"""Nights on the page, the latest."""
WIDTH, HEIGHT, MARGIN = 260.0, 84.0, 6.0
_SELDOM = ("nulls", "stuck", "values", "quarantined", "features within")
"""Measures there are many of: shown once they have moved."""
_SECTIONS = {
    "classes": "Answers and newcomers",
    "performance": "Real performance",
    "features": "Features, block by block",
    "calibration": "Calibration",
    "depth": "Depth",
    "cadence": "Cadence",
    "release": "Data release",
    "flags": "Flags and scores",
    "missing": "Missing values and bands",
    "volume": "Volume",
}


@dataclass(frozen=True)
class Point:
    """A measure on one night: where it is drawn, and what is told of it."""

    x: float
    y: float
    moved: bool
    told: str


@dataclass(frozen=True)
class Chart:
    """A measure over the nights: its latest value, its points, and its quiet range (top and bottom of the picture)."""

    title: str
    latest: str
    points: list[Point]
    top: float
    bottom: float
    range: str


def told(home: Home, params: DriftParams) -> dict[str, Any]:
    """Give what the page shows of the kept nights: verdicts, rows of the table, and the charts in their sections."""
    kept = sorted(home.drift_page.parent.glob("????-??-??/verdict.json"))[-MOST_NIGHTS:]
    nights, every = [one.parent.name for one in kept], [json.loads(one.read_text()) for one in kept]
    verdicts = [
        {**one["verdict"], "night": night, "pages": _pages(home.drift_page.parent / night)}
        for night, one in zip(nights, every, strict=True)
    ]
    return {
        "verdicts": verdicts,
        "rows": _rows(verdicts),
        "sections": _sections(nights, every, params),
        "width": WIDTH,
        "height": HEIGHT,
        "agree": params.agree,
        "of": params.nights,
    }


def write(home: Home, params: DriftParams) -> Path:
    """Write ``index.html`` beside the nights' drift folders, from the verdicts that are kept there; give its path."""
    path = home.drift_page
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.get_template("trend.html").render(told(home, params))
    unfinished = path.with_suffix(".partial")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)
    return path


def _pages(folder: Path) -> list[str]:
    return [f"{folder.name}/{one.name}" for one in sorted(folder.glob("????-??-??.html"))]


def _rows(verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give the table's rows, newest first: quiet nights in a row are one."""
    rows: list[dict[str, Any]] = []
    for quiet_ones, run in itertools.groupby(reversed(verdicts), key=lambda one: one["kind"] == "none"):
        few = list(run)
        if quiet_ones and len(few) > 1:
            rows.append(
                {**few[0], "night": f"{few[-1]['night']} to {few[0]['night']}", "reasons": [f"{len(few)} nights"]}
            )
        else:
            rows.extend(few)
    return rows


def _sections(nights: list[str], told: list[dict[str, Any]], params: DriftParams) -> list[dict[str, Any]]:
    """Give the charts of each kind of measure, in the order of `_SECTIONS`; those of the sky first."""
    series: dict[tuple[str, str, str], list[tuple[int, dict[str, Any]]]] = {}
    for number, (night, one) in enumerate(zip(nights, told, strict=True)):
        for measure in next((seen["measures"] for seen in one["nights"] if seen["night"] == night), []):
            if measure["value"] is not None:
                series.setdefault((measure["what"], measure["name"], measure["group"]), []).append((number, measure))
    sections = []
    for what, title in _SECTIONS.items():
        charts = [
            _chart(nights, values, params)
            for (of, name, _), values in sorted(series.items())
            if of == what and (name not in _SELDOM or any(_has_moved(one, params) for _, one in values))
        ]
        if charts:
            sections.append({"title": title, "of": "sky" if what in OF_THE_SKY else "archive", "charts": charts})
    return sections


def _has_moved(measure: dict[str, Any], params: DriftParams) -> bool:
    return moved(measure, params.standard_errors)


def _chart(nights: list[str], values: list[tuple[int, dict[str, Any]]], params: DriftParams) -> Chart:
    last = values[-1][1]
    low, high = quiet(last["name"], last["group"])
    shown = [0.0, *(one["value"] for _, one in values), *(bound for bound in (low, high) if math.isfinite(bound))]
    top: float = max(shown)
    span: float = top - min(shown) or 1.0

    def y(value: float) -> float:
        return MARGIN + (HEIGHT - 2 * MARGIN) * (top - value) / span

    step = (WIDTH - 2 * MARGIN) / max(len(nights) - 1, 1)
    points = [
        Point(
            x=round(MARGIN + step * number, 1),
            y=round(y(one["value"]), 1),
            moved=_has_moved(one, params),
            told=f"{nights[number]}: {one['value']:+.3g}, {one['objects']} objects",
        )
        for number, one in values
    ]
    return Chart(
        title=f"{last['name']}, {last['group']}",
        latest=f"{last['value']:+.2f}",
        points=points,
        top=round(y(high), 1) if math.isfinite(high) else 0.0,
        bottom=round(y(low), 1) if math.isfinite(low) else HEIGHT,
        range=_range(low, high),
    )


def _range(low: float, high: float) -> str:
    if math.isfinite(low) and math.isfinite(high):
        return f"quiet from {low:.2g} to {high:.2g}"
    if math.isfinite(high):
        return f"quiet up to {high:.2g}"
    return f"quiet from {low:.2g} on" if math.isfinite(low) else "no threshold"
