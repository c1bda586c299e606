"""The night's page, and its numbers."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home
from starloop.report.facts import gather
from starloop.report.page import report
from tests.unit.nights import NIGHT, observe, whole

GATE = {
    "version": 3,
    "verdict": "refused",
    "promoted": False,
    "previous": 2,
    "reasons": ["macro-F1 0.712 against 0.741"],
    "scores": {
        "objects": 40,
        "challenger_macro_f1": 0.712,
        "champion_macro_f1": 0.741,
        "difference": -0.029,
        "lower_bound": -0.061,
        "challenger_recall": {"SNIa": 0.5, "RRL": 0.9},
        "champion_recall": {"SNIa": 0.6, "RRL": 0.95},
    },
}
FACTS: dict[str, Any] = {
    "sky": "embedded",
    "origin": "simulated",
    "champion": 2,
    "gate": GATE,
    "endpoint": {"url": "http://127.0.0.1:3000", "version": 2},
    "seconds": {"ingest": 3.21, "process": 10.5},
}


class Links(HTMLParser):
    """Collects everything a browser would fetch, and everything one can jump to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in {"src", "href", "xlink:href"}]
        self.places |= {f"#{value}" for name, value in attrs if name == "id"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one whole night."""
    return whole(Home(tmp_path))


def test_the_page_tells_the_whole_night(home: Home) -> None:
    page = report(home, NIGHT, FACTS).read_text()
    for told in ("2020-06-10", "✓ balanced", "1 of 2 expectations met", "sigmapsf", "macro-F1 0.712 against 0.741"):
        assert told in page
    for told in ("http://127.0.0.1:3000", "60% of the features drifted", "10.5", "&lt;QSO&gt;"):
        assert told in page
    assert '<th scope="row">macro-F1</th><td>0.44</td><td>0.73</td>' in page


def test_challenger_and_champion_stand_side_by_side_and_on_the_same_objects(home: Home) -> None:
    page = report(home, NIGHT, FACTS).read_text()
    assert '<th scope="col">challenger, version 3</th><th scope="col">champion, version 2</th>' in page
    assert '<th scope="row">macro-F1</th><td>0.85</td><td>0.74</td>' in page
    assert "On the very same 40 objects" in page
    assert '<th scope="row">champion</th><td>0.60</td><td>0.95</td>' in page


def test_a_night_without_a_training_shows_the_champion_alone(home: Home) -> None:
    (home.model / "bundle.json").write_bytes((home.version(2) / "bundle.json").read_bytes())
    page = report(home, NIGHT, {**FACTS, "gate": None}).read_text()
    assert '<th scope="row">macro-F1</th><td>0.74</td></tr>' in page
    assert "No challenger was trained this night" in page


def test_every_light_curve_worth_a_look_is_drawn_and_says_why(home: Home) -> None:
    page = report(home, NIGHT, FACTS).read_text()
    assert page.count('<svg class="curve"') == 5
    assert page.count('class="limits"') == 5
    for why in (
        "among the most confident: SNIa 0.98",
        "among the most uncertain: SNIa 0.36, RRL 0.33",
        "odder than 99.7% of the training objects; RRL 0.70, SNIa 0.20",
        "&lt;QSO&gt; 0.80 now, SNIa on 2020-06-08, by model version 1",
        "newly RRL 0.90: uncertain on 2020-06-08, by model version 1",
    ):
        assert why in page


def test_a_night_that_was_not_scored_shows_its_best_observed_objects(home: Home) -> None:
    home.predictions(NIGHT).unlink()
    observe(home, NIGHT, {"ZTF20few": 3, "ZTF20many": 9})
    page = report(home, NIGHT, {**FACTS, "champion": None}).read_text()
    assert "Nothing was classified" in page
    assert page.index("best observed: 9 detections") < page.index("best observed: 3 detections")


def test_the_page_needs_no_network_and_its_links_lead_somewhere(home: Home) -> None:
    path = report(home, NIGHT, FACTS)
    links = Links()
    links.feed(path.read_text())
    assert {link for link in links.found if link.startswith("#")} <= links.places
    outside = [link for link in links.found if not link.startswith(("#", "data:,"))]
    assert outside == ["../evaluation/card.html", f"../data_docs/{NIGHT}.html", f"{NIGHT}.json"]
    assert all((path.parent / link).is_file() for link in outside)
    assert "@import" not in path.read_text()
    assert "url(" not in path.read_text()


def test_a_simulated_night_says_so_and_a_real_one_does_not(home: Home) -> None:
    assert "SIMULATED SKY" in report(home, NIGHT, FACTS).read_text()
    assert "SIMULATED SKY" not in report(home, NIGHT, {**FACTS, "origin": "live"}).read_text()


def test_the_same_night_gives_the_same_page_but_for_the_timings(home: Home) -> None:
    first = report(home, NIGHT, FACTS).read_bytes()
    assert report(home, NIGHT, FACTS).read_bytes() == first
    slower = report(home, NIGHT, {**FACTS, "seconds": {"ingest": 99.87, "process": 10.5}}).read_text()
    assert without_timings(slower) == without_timings(first.decode())
    assert slower != first.decode()


def without_timings(page: str) -> str:
    """Leave out the table of timings, and their sum."""
    head, rest = page.split("<div><dt>Took</dt>")
    return head + rest.split("</div>", 1)[1].split('id="timings"')[0]


def test_a_second_run_that_trains_nothing_still_tells_what_the_first_one_judged(home: Home) -> None:
    first = report(home, NIGHT, FACTS).read_text()
    again = {name: value for name, value in FACTS.items() if name != "gate"}
    (home.model / "bundle.json").unlink()
    assert report(home, NIGHT, again).read_text() == first
    assert report(home, NIGHT, {}).read_text() == first


def test_the_numbers_beside_the_page_are_those_it_was_made_of(home: Home) -> None:
    told = gather(home, NIGHT, FACTS)
    assert json.loads(home.report(NIGHT).with_suffix(".json").read_text()) == told
    assert told["checks"]["tables"] == [
        {"table": "detections", "expectations": 2, "met": 1, "rows": 66, "quarantined": 1, "duplicate": 1}
    ]
    assert told["decisions"][0] == {"decision": "RRL", "objects": 2, "share": 0.4}
    assert told["objects"] == {"scored": 5, "classified": 4, "news": {"first": 3, "changed": 1, "classified": 1}}


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
