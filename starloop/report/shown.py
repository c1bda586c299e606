"""A night's numbers as an orchestrator shows them: tables, shares, pictures and links, each under a key that stays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jinja2

from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.report import curves
from starloop.report.models import OF_A_CLASS, SUMMARY

Rows = list[dict[str, Any]]


def tables(told: Mapping[str, Any]) -> dict[str, tuple[str, Rows]]:
    """Give key to title and rows.

    Parameters
    ----------
    told : mapping
        A night's numbers, as `starloop.report.facts.gather` gives them.
    """
    night, ledger, checks, models = told["night"], told["ledger"], told["checks"], told["models"]
    found: dict[str, tuple[str, Rows]] = {
        "decisions": (f"What the objects of {night} are said to be", told["decisions"]),
        "worth-a-look": (f"Light curves of {night} worth a look", told["worth"]),
        "timings": (f"Seconds each step of {night} took", told["timings"] or []),
    }
    if ledger:
        rows = [dict(zip(ledger["columns"], row, strict=True)) for row in ledger["rows"]]
        found["ledger"] = (f"Ledger of {night}: {ledger['fault'] or 'balanced'}", rows)
    if checks:
        title = f"Checks of {night}: {checks['met']} of {checks['total']} expectations met"
        found["checks"] = (title, checks["tables"])
        found["checks-failed"] = (f"Expectations that were not met on {night}", checks["failed"])
    if models:
        who = [name for name in ("challenger", "champion") if models[name]]
        whole = [{"figure": name} | {one: models[one][name] for one in who} for name in ("version", "night", *SUMMARY)]
        found["models"] = (f"Held-out figures on {night}, each model on its own test objects", whole)
        by_class: Rows = [
            {"class": row["class"]}
            | {f"{one} {name}": (row[one] or {}).get(name) for one in who for name in OF_A_CLASS}
            for row in models["classes"]
        ]
        found["models-by-class"] = (f"Held-out figures by class on {night}", by_class)
    return found


def shares(told: Mapping[str, Any]) -> dict[str, tuple[str, float]]:
    """Give key to title and percentage."""
    night, objects, checks = told["night"], told["objects"], told["checks"]
    found = {}
    if objects and objects["scored"]:
        title = f"{objects['classified']} of {objects['scored']} objects of {night} have a class"
        found["classified"] = (title, 100 * objects["classified"] / objects["scored"])
    if checks and checks["total"]:
        title = f"{checks['met']} of {checks['total']} expectations of {night} are met"
        found["expectations-met"] = (title, 100 * checks["met"] / checks["total"])
    return found


def pictures(told: Mapping[str, Any], good: Path) -> dict[str, tuple[str, str]]:
    """Give key to title and picture, as an address that carries the whole of it: it needs no server, and lasts."""
    found = {}
    if told["decisions"]:
        title = f"What the {told['objects']['scored']} objects of {told['night']} are said to be"
        found["decisions-picture"] = (title, _address(_bars(told["decisions"], title)))
    drawn = curves.read(good, [one["oid"] for one in told["worth"][:1]])
    for one in told["worth"][:1]:
        if one["oid"] in drawn:
            picture = curves.draw(drawn[one["oid"]], curves.ALONE)
            found["light-curve"] = (f"{one['oid']} on {told['night']}: {one['why']}", _address(picture))
    return found


def links(told: Mapping[str, Any], home: Home, desk: str | None) -> dict[str, tuple[str, str]]:
    """Give key to text and address: at the desk where one answers, else in the home's folder.

    Parameters
    ----------
    told : mapping
        A night's numbers.
    home : Home
        Has the pages.
    desk : str or None
        The desk's address.
    """
    night = Night.parse(told["night"])
    pages = {
        "report": (f"Report of {night}", home.report(night)),
        "data-docs": (f"Data Docs of {night}", home.data_docs / f"{night}.html"),
        "model-card": ("Card of the newest model", home.evaluation / "card.html"),
        "drift-page": ("Drift, night by night", home.drift_page),
    }
    found = {
        key: (text, f"{desk}/tonight/{path.relative_to(home.root).as_posix()}" if desk else path.resolve().as_uri())
        for key, (text, path) in pages.items()
        if path.is_file()
    }
    return found | ({"tonight": (f"Objects of {night}", f"{desk}/tonight?night={night}")} if desk else {})


def _bars(decisions: Rows, title: str) -> str:
    template = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True
    ).get_template("bars.svg")
    return template.render(rows=decisions, most=max(one["objects"] for one in decisions), title=title)


def _address(svg: str) -> str:
    return f"data:image/svg+xml,{quote(svg, safe=' =:/')}"
