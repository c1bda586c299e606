"""A night's numbers as an orchestrator shows them."""

import json
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

from starloop.nights.store import Home
from starloop.report import shown
from starloop.report.facts import gather
from tests.unit.nights import NIGHT, whole
from tests.unit.test_report import FACTS


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one whole night."""
    return whole(Home(tmp_path))


def test_every_table_can_be_kept_as_json_and_says_its_night(home: Home) -> None:
    tables = shown.tables(gather(home, NIGHT, FACTS))
    json.dumps(tables, allow_nan=False)
    assert all(str(NIGHT) in title for title, _ in tables.values())
    assert all(re.fullmatch("[a-z-]+", key) for key in tables)
    by_class = tables["models-by-class"][1][0]
    assert (by_class["challenger f1"], by_class["champion f1"]) == (0.852, 0.741)
    assert tables["timings"][1] == [{"step": "ingest", "seconds": 3.21}, {"step": "process", "seconds": 10.5}]


def test_pictures_stand_alone_and_ask_for_nothing(home: Home) -> None:
    pictures = shown.pictures(gather(home, NIGHT, FACTS), home.good(NIGHT))
    assert set(pictures) == {"decisions-picture", "light-curve"}
    for _, address in pictures.values():
        kind, _, picture = address.partition(",")
        assert kind == "data:image/svg+xml"
        root = ET.fromstring(unquote(picture))  # noqa: S314 - ours
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "href" not in picture


def test_links_lead_to_the_desk_where_one_answers_and_else_to_the_folder(home: Home) -> None:
    told = gather(home, NIGHT, FACTS)
    asked = shown.links(told, home, "http://127.0.0.1:8700")
    assert asked["data-docs"][1] == f"http://127.0.0.1:8700/tonight/data_docs/{NIGHT}.html"
    beside = shown.links(told, home, None)
    assert beside["data-docs"][1] == (home.data_docs / f"{NIGHT}.html").resolve().as_uri()
    assert "tonight" not in beside
    assert "drift-page" not in beside


def test_a_night_that_has_nothing_shows_nothing_it_has_not(tmp_path: Path) -> None:
    home = Home(tmp_path)
    told = gather(home, NIGHT, {"sky": "toy", "origin": "live"})
    assert {key: rows for key, (_, rows) in shown.tables(told).items() if rows} == {}
    assert shown.shares(told) == {}
    assert shown.pictures(told, home.good(NIGHT)) == {}
