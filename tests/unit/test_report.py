"""The night's page."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, write_json, write_table
from starloop.report import report
from starloop.sky.tables import DETECTIONS

NIGHT = Night.parse("2020-06-10")
FACTS: dict[str, Any] = {
    "sky": "embedded",
    "origin": "simulated",
    "gate": {"promoted": True, "reasons": ["first champion: macro-F1 0.71 is above 0.35"]},
    "endpoint": {"url": "http://127.0.0.1:3000", "version": 1},
    "seconds": {"ingest": 3.21, "process": 10.5},
}


class Links(HTMLParser):
    """Collects everything a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href"}]


def detections(oids: list[str]) -> pa.Table:
    empty: dict[str, Any] = dict.fromkeys(DETECTIONS.names)
    rows = [
        empty
        | {"oid": oid, "candid": f"{oid}{epoch}", "mjd": NIGHT.begin - 2 * epoch + 0.2, "fid": 1 + epoch % 2}
        | {"magpsf": 18.0 + 0.1 * epoch, "sigmapsf": 0.08, "isdiffpos": 1.0, "corrected": False, "dubious": False}
        for oid in oids
        for epoch in range(8)
    ]
    return pa.Table.from_pylist(rows, schema=DETECTIONS)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one whole night."""
    home = Home(tmp_path)
    counts = Counts(requested=8, received=8, rows_received=66, accepted=64, quarantined=1, duplicate=1)
    Ledger(night=str(NIGHT), sky="embedded", sources={"detections": counts}).save(home.ledger(NIGHT))
    expectations = [
        {"table": "detections", "name": "magpsf", "success": True, "unexpected": 0},
        {"table": "detections", "name": "sigmapsf", "success": False, "unexpected": 1},
    ]
    write_json({"night": str(NIGHT), "tables": {}, "expectations": expectations}, home.checks(NIGHT))
    oids = [f"ZTF20aaaaaa{letter}" for letter in "abcdefgh"]
    write_table(detections(oids), home.good(NIGHT) / "detections.parquet")
    write_table(pa.table({"oid": oids, "decision": ["SNIa"] * 5 + ["<QSO>"] * 3}), home.predictions(NIGHT))
    figures = {"precision": 0.912, "recall": 0.8, "f1": 0.852, "support": 21}
    lengths = [{"days": "16", "accuracy": 0.5, "macro_f1": 0.44}, {"days": "all", "accuracy": 0.8, "macro_f1": 0.73}]
    whole = {"objects": 40, "macro_f1": 0.73, "accuracy": 0.8, "calibration_error": 0.021, "by_length": lengths}
    write_json({"classes": {"SNIa": figures}, **whole}, home.evaluation / "metrics.json")
    (home.evaluation / "card.html").write_text("card")
    verdict = {"kind": "sky", "nights": ["2020-06-09", "2020-06-10"], "reasons": ["60% of the features drifted"]}
    write_json({"verdict": verdict}, home.drift(NIGHT) / "verdict.json")
    home.data_docs.mkdir()
    (home.data_docs / f"{NIGHT}.html").write_text("docs")
    return home


def test_the_page_tells_the_whole_night(home: Home) -> None:
    page = report(home, NIGHT, FACTS).read_text()
    for told in ("2020-06-10", "✓ balanced", "1 of 2 expectations met", "sigmapsf", "0.91", "macro-F1 0.71"):
        assert told in page
    for told in ("http://127.0.0.1:3000", "60% of the features drifted", "10.5", "&lt;QSO&gt;"):
        assert told in page
    assert "<td>macro-F1</td><td>0.44</td><td>0.73</td>" in page
    assert page.count("<svg") == 6


def test_the_page_needs_no_network_and_its_links_lead_somewhere(home: Home) -> None:
    path = report(home, NIGHT, FACTS)
    links = Links()
    links.feed(path.read_text())
    outside = [link for link in links.found if not link.startswith("#")]
    assert outside == [f"../data_docs/{NIGHT}.html", "../evaluation/card.html"]
    assert all((path.parent / link).is_file() for link in outside)
    assert "@import" not in path.read_text()


def test_a_simulated_night_says_so_and_a_real_one_does_not(home: Home) -> None:
    assert "SIMULATED SKY" in report(home, NIGHT, FACTS).read_text()
    assert "SIMULATED SKY" not in report(home, NIGHT, {**FACTS, "origin": "live"}).read_text()


def test_the_same_night_gives_the_same_page_but_for_the_timings(home: Home) -> None:
    first = report(home, NIGHT, FACTS).read_bytes()
    assert report(home, NIGHT, FACTS).read_bytes() == first
    slower = report(home, NIGHT, {**FACTS, "seconds": {"ingest": 99.87, "process": 10.5}}).read_text()
    assert slower.replace("99.9", "3.2") == first.decode()


def test_an_unbalanced_ledger_is_shown_with_its_numbers(home: Home) -> None:
    lost = Counts(requested=8, received=7)
    Ledger(night=str(NIGHT), sky="embedded", sources={"detections": lost}).save(home.ledger(NIGHT))
    page = report(home, NIGHT, FACTS).read_text()
    assert "✗ out of balance" in page
    assert "requested 8 objects" in page


def test_an_empty_night_says_what_it_has_not(tmp_path: Path) -> None:
    page = report(Home(tmp_path), NIGHT, {"sky": "embedded", "origin": "live"}).read_text()
    for told in ("has no ledger", "has not been checked", "Nothing was classified", "No object was active"):
        assert told in page
