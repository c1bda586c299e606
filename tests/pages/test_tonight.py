"""The page ``/tonight``."""

import re
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from starloop.endpoint.guard import Guarding
from starloop.nights.store import Home, write_table
from starloop.pages import listing
from starloop.pages.app import create
from starloop.report.page import report
from starloop.settings import Settings
from starloop.workspace import Workspace
from tests.unit.nights import NIGHT, observe, said, score, whole


def desk(home: Home) -> TestClient:
    """Ask the desk of a home."""
    return TestClient(create(Workspace(Settings(sky="live"), None, home), Guarding()))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with one whole night and an earlier one."""
    return whole(Home(tmp_path))


@pytest.fixture
def ask(home: Home) -> TestClient:
    """Ask the desk of that home."""
    return desk(home)


def rows(page: str) -> list[str]:
    """Give the objects of the page's table by the last letter of their names, in their order."""
    return re.findall(r'<th scope="row" data-value="ZTF20aaaaaa(.)">', page)


def test_the_last_scored_night_is_shown_and_every_object_leads_to_its_page(ask: TestClient) -> None:
    page = ask.get("/tonight").text
    assert f"Tonight: {NIGHT}" in page
    assert sorted(rows(page)) == list("abcde")
    assert '<a href="/object/ZTF20aaaaaae">' in page
    assert "odder than 99.7% of the training objects" in page


@pytest.mark.parametrize(
    ("show", "expected"),
    [("confident", "adce"), ("uncertain", "becda"), ("anomalous", "ebcad"), ("changed", "c"), ("classified", "dae")],
)
def test_each_choice_shows_its_objects_in_its_order(ask: TestClient, show: str, expected: str) -> None:
    assert "".join(rows(ask.get("/tonight", params={"show": show}).text)) == expected


def test_a_heading_sorts_on_the_server_and_says_which_way(ask: TestClient) -> None:
    page = ask.get("/tonight?show=all&sort=probability").text
    assert "".join(rows(page)) == "adceb"
    head = re.search(r'<th scope="col"[^>]*aria-sort="descending"[^>]*><a href="([^"]+)">Probability</a>', page)
    assert head is not None
    other = ask.get("/tonight" + head[1].replace("&amp;", "&")).text
    assert "".join(rows(other)) == "becda"
    assert other.count("aria-sort=") == 1


def test_what_is_not_known_comes_last_either_way(home: Home, ask: TestClient) -> None:
    for order in ("ascending", "descending"):
        page = ask.get(f"/tonight?show=all&sort=before&order={order}").text
        assert sorted(rows(page)[:2]) == ["c", "d"]


def test_a_class_that_changed_is_told_with_the_night_and_the_model_of_before(ask: TestClient) -> None:
    page = ask.get("/tonight?show=changed").text
    assert "&lt;QSO&gt;" in page
    assert re.search(r"<strong>SNIa</strong>.*2020-06-08.*, version 1", page)


def test_an_earlier_night_can_be_chosen_and_has_nothing_to_compare_with(ask: TestClient) -> None:
    page = ask.get("/tonight?night=2020-06-08&show=changed").text
    assert "Tonight: 2020-06-08" in page
    assert "No earlier night was scored" in page
    assert f'<a href="?night={NIGHT}&amp;show=changed" rel="next">' in page


def test_a_model_that_tells_no_anomaly_shows_no_such_column(ask: TestClient) -> None:
    page = ask.get("/tonight?night=2020-06-08&show=anomalous").text
    assert "does not tell how odd an object is" in page
    assert ">Anomaly</a>" not in ask.get("/tonight?night=2020-06-08&show=all").text


def test_many_objects_come_a_page_at_a_time(home: Home, ask: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "AT_ONCE", 2)
    monkeypatch.setattr("starloop.pages.tonight.AT_ONCE", 2)
    seen = [rows(ask.get(f"/tonight?show=all&page={number}").text) for number in (1, 2, 3)]
    assert seen == [["a", "b"], ["c", "d"], ["e"]]
    assert "Page 2 of 3" in ask.get("/tonight?show=all&page=2").text
    assert "data-whole" not in ask.get("/tonight?show=all").text
    assert ask.get("/tonight?show=all&page=4").status_code == 400


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("night=2020-01-01", "night 2020-01-01 has no predictions"),
        ("night=<b>", "night &#39;&lt;b&gt;&#39; is not a date"),
        ("show=odd", "show=odd is none of worth, confident"),
        ("sort=why", "sort=why is none of oid"),
        ("sort=oid&order=up", "order=up is none of ascending, descending"),
        ("page=-1", "pages count from 1"),
    ],
)
def test_an_address_that_makes_no_sense_is_told_in_a_sentence_on_the_page(
    ask: TestClient, query: str, told: str
) -> None:
    answer = ask.get(f"/tonight?{query}")
    assert answer.status_code == 400
    assert told in answer.text
    assert '<select id="night"' in answer.text


def test_a_home_without_a_scored_night_says_what_to_run(tmp_path: Path) -> None:
    page = desk(Home(tmp_path)).get("/tonight").text
    assert "No night has been scored yet" in page
    assert "<table" not in page


def test_the_night_s_report_opens_from_the_page_with_its_links(home: Home, ask: TestClient) -> None:
    report(home, NIGHT, {"sky": "embedded", "origin": "simulated"})
    link = f"/tonight/reports/{NIGHT}.html"
    assert f'href="{link}"' in ask.get("/tonight").text
    answer = ask.get(link)
    assert "Light curves worth a look" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for beside in (f"../data_docs/{NIGHT}.html", "../evaluation/card.html", f"{NIGHT}.json"):
        assert beside in answer.text
        assert ask.get(f"/tonight/reports/{beside}").status_code == 200


@pytest.mark.parametrize("path", ["reports/2019-01-01.html", "drift/../night.html", "drift/%2e%2e/index.html"])
def test_no_address_leads_to_another_file_of_the_home(home: Home, ask: TestClient, path: str) -> None:
    (home.root / "index.html").write_text("secret")
    (home.root / "night.html").write_text("secret")
    answer = ask.get(f"/tonight/{path}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_an_object_without_a_usable_point_is_not_among_the_most_uncertain(home: Home, ask: TestClient) -> None:
    observe(home, NIGHT, {"ZTF20aaaaaaa": 4, "ZTF20aaaaaab": 0})
    score(home, NIGHT, [said("ZTF20aaaaaaa", "SNIa", 0.9, 0.1, 0.0), said("ZTF20aaaaaab", "uncertain", 0.4, 0.3, 0.3)])
    assert rows(ask.get("/tonight?show=uncertain").text) == ["a"]
    assert rows(ask.get("/tonight?show=all").text) == ["a", "b"]


def test_a_night_without_any_object_is_an_empty_table(home: Home, ask: TestClient) -> None:
    path = home.predictions(NIGHT)
    write_table(pq.read_table(path).slice(0, 0), path)
    for show in listing.SHOWN:
        answer = ask.get(f"/tonight?show={show}")
        assert answer.status_code == 200
        assert "0 objects scored" in answer.text
        assert rows(answer.text) == []
