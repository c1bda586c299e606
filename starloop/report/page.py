"""The night's page: one HTML file that opens from a disk, without a network."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.report import curves
from starloop.report.facts import gather


def report(home: Home, night: Night, facts: dict[str, Any]) -> Path:
    """Write the page of a night, its numbers as JSON beside it, and give the page's path.

    Everything but the timings is the same for the same night. What a night does not have is said so.

    Parameters
    ----------
    home, night, facts
        As for `starloop.report.facts.gather`; without facts the page is written again with those of the run before.

    Raises
    ------
    BadInput
        When the ledger is there and cannot be read.
    """
    told = gather(home, night, facts)
    path = home.report(night)
    drawn = curves.read(home.good(night), [one["oid"] for one in told["worth"]])
    page = _template().render(
        night=told,
        links=_links(home, night, path),
        curves=[
            {**one, "picture": curves.draw(drawn[one["oid"]]) if one["oid"] in drawn else None} for one in told["worth"]
        ],
        bands=[band for band in curves.MARKERS if any(band in one["band"] for one in drawn.values())],
        markers=curves.MARKERS,
        limits=any(one["limit_mjd"] for one in drawn.values()),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)
    return path


def figure(value: object) -> str:
    """Write a number for a person: two decimals for a fraction, a dash for nothing."""
    if value is None:
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _links(home: Home, night: Night, page: Path) -> dict[str, str]:
    """Give the links from the page to what lies beside it, where it is there."""
    targets = {
        "checks": home.data_docs / f"{night}.html",
        "card": home.evaluation / "card.html",
        "drift": home.drift_page,
        "numbers": page.with_suffix(".json"),
    }
    found = {name: os.path.relpath(target, page.parent) for name, target in targets.items() if target.is_file()}
    nights = sorted(path.stem for path in page.parent.glob("????-??-??.html"))
    earlier = [one for one in nights if one < str(night)]
    return found | ({"before": f"{earlier[-1]}.html"} if earlier else {})


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = figure
    return environment.get_template("page.html")
