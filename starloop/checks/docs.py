"""Data Docs: one page a night that says what was expected of each table and what was found.

great-expectations can render its results itself, but its pages load their style sheets from the network.
"""

import json
from pathlib import Path
from typing import Any

import jinja2

from starloop.nights.calendar import Night
from starloop.nights.store import Home

_WORDS = {
    "expect_column_values_to_not_be_null": "is filled",
    "expect_column_values_to_be_in_set": "is one of",
    "expect_column_values_to_be_between": "lies",
    "expect_table_row_count_to_be_between": "has at least one row",
}


def publish(home: Home, night: Night) -> Path:
    """Write the page of a checked night, and the index of all nights' pages.

    Returns
    -------
    Path
        The night's page; it needs neither the network nor another file.
    """
    results = json.loads(home.checks(night).read_text(encoding="utf-8"))
    page = home.data_docs / f"{night}.html"
    _write("night.html", page, night=str(night), tables=_by_table(results))
    nights = sorted((path.stem for path in home.data_docs.glob("????-??-??.html")), reverse=True)
    _write("index.html", home.data_docs / "index.html", nights=nights)
    return page


def expectation(expects: dict[str, Any]) -> str:
    """Say what an expectation asks, in words."""
    words = [expects.get("column", "the table"), _WORDS[expects["type"]]]
    if expects.get("min_value") is not None and "column" in expects:
        words.append(f"{'above' if expects.get('strict_min') else 'from'} {expects['min_value']:g}")
    if expects.get("max_value") is not None:
        words.append(f"{'below' if expects.get('strict_max') else 'up to'} {expects['max_value']:g}")
    if "value_set" in expects:
        words.append(", ".join(str(value) for value in expects["value_set"]))
    if expects.get("row_condition"):
        words.append(f"where {expects['row_condition']}")
    return " ".join(words)


def _by_table(results: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": table,
            "counts": counts,
            "expectations": [
                fact | {"says": expectation(fact["expects"])}
                for fact in results["expectations"]
                if fact["table"] == table
            ],
        }
        for table, counts in sorted(results["tables"].items())
    ]


def _write(template: str, path: Path, **values: Any) -> None:
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    beside.write_text(pages.get_template(template).render(values), encoding="utf-8")
    beside.replace(path)
