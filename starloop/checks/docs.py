"""Data Docs: one page a night that says what was expected of each table and what was found.

great-expectations can render its results itself, but its pages load their style sheets from the network.
"""

from pathlib import Path
from typing import Any

from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_text

_TEMPLATES = Path(__file__).parent / "templates"


def publish(home: Home, night: Night) -> Path:
    """Write the page of a checked night, and the index of all nights' pages.

    Returns
    -------
    Path
        The night's page; it needs neither network nor other files.
    """
    page = home.data_docs / f"{night}.html"
    results = json.loads(home.checks(night).read_text())
    write_text(_render("night.html", results), page)
    nights = sorted((path.stem for path in home.data_docs.glob("????-??-??.html")), reverse=True)
    write_text(_render("index.html", {"nights": nights}), home.data_docs / "index.html")
    return page
