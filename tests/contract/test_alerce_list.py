"""ALeRCE's list of a night's objects is whole, however it is paged, cut, repeated or malformed."""

from collections.abc import Iterator
from typing import Any

import pytest

from starloop.archives.alerce import LISTED, Alerce
from starloop.archives.config import Archives, ArchiveSettings, Canaries
from starloop.errors import ArchiveDown
from starloop.nights.calendar import Night
from starloop.sky.server.host import Served, serving
from tests.contract.handmade import canned, handmade
from tests.contract.impatience import EVERYWHERE, struck, within

FIRST = Night.parse("2020-03-01")
ACTIVE = (1, 49, 50, 100, 149, 200, 251)
"""How many objects each night from the first on has: with pages of 100, ends of every kind."""
LIST = "/ztf/v1/objects?"


def _row(number: int, night: Night) -> dict[str, Any]:
    place = {"ra": number / 4, "dec": number / 10 - 20}
    return place | {"oid": f"ZTF20aaaa{number:04}", "candid": str(number), "mjd": night.begin + 0.5, "fid": 1}


def _nights() -> dict[int, Night]:
    return {active: FIRST.back(-day) for day, active in enumerate(ACTIVE)}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    nights = [night for active, night in _nights().items() for _ in range(active)]
    rows = [_row(number, night) for number, night in enumerate(nights)]
    with serving(handmade(tmp_path_factory.mktemp("skies") / "paged", detections=rows), None) as server:
        yield server


@pytest.fixture(autouse=True)
def _good_weather(broker: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)
    yield
    broker.misbehave([])


@pytest.fixture
def alerce(broker: Served) -> Alerce:
    return Alerce(within(broker.archives, 1.0))


def _oids(alerce: Alerce, active: int, **told: Any) -> list[str]:
    oids: list[str] = alerce.active(_nights()[active], **told)["oid"].to_pylist()
    return oids


def _expected(active: int) -> list[str]:
    before = sum(ACTIVE[: ACTIVE.index(active)])
    return [f"ZTF20aaaa{number:04}" for number in range(before, before + active)]


@pytest.mark.parametrize("active", ACTIVE)
@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"fault": "no-next", "rate": 1},
        {"fault": "duplicates", "rate": 1},
        {"fault": "row-limit", "rate": 1, "limit": 50},
        {"fault": "row-limit", "rate": 1, "limit": 500},
        {"fault": "row-limit", "rate": 1, "limit": 37},
        {"fault": "row-limit", "count": 1, "limit": 50},
        {"fault": "missing-keys", "rate": 1},
        {"fault": "empty", "count": 1},
        {"fault": "empty", "count": 3},
        {"fault": "empty", "rate": 0.2},
    ],
    ids=str,
)
def test_no_object_is_lost_or_listed_twice(
    broker: Served, alerce: Alerce, active: int, fault: dict[str, Any] | None
) -> None:
    broker.misbehave([{"route": LIST} | fault] if fault else [])
    assert _oids(alerce, active) == _expected(active)


@pytest.mark.parametrize("seed", range(8))
def test_cut_pages_with_repeated_rows_lose_nothing_either(broker: Served, alerce: Alerce, seed: int) -> None:
    broker.misbehave(
        [
            {"fault": "row-limit", "route": LIST, "rate": 0.5, "limit": 50, "seed": seed},
            {"fault": "duplicates", "route": LIST, "rate": 0.5, "seed": seed},
            {"fault": "http-502", "route": LIST, "rate": 0.2, "seed": seed},
        ]
    )
    assert _oids(alerce, 251) == _expected(251)
    assert struck(broker)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_empty_page_in_the_middle_is_not_taken_for_the_end(broker: Served, alerce: Alerce, times: int) -> None:
    night = _nights()[251]
    span = f"firstmjd=0.0&firstmjd={night.end}&lastmjd={night.begin}&lastmjd=100000.0"
    second = f"{LIST}count=false&{span}&order_by=oid&order_mode=ASC&page=2&page_size=100"
    broker.misbehave([{"fault": "empty", "route": second, "count": times}])
    assert _oids(alerce, 251) == _expected(251)
    assert struck(broker) == times


def test_the_list_says_where_each_object_is_and_how_often_it_was_detected(alerce: Alerce) -> None:
    rows = alerce.active(FIRST)
    assert rows.schema == LISTED
    assert rows.to_pylist() == [{"oid": "ZTF20aaaa0000", "ra": 0.0, "dec": -20.0, "tic": None, "ndet": 1}]


def test_a_sample_is_the_first_objects_and_asks_for_no_more(alerce: Alerce) -> None:
    assert _oids(alerce, 251, at_most=120) == _expected(251)[:120]
    assert alerce.line.tally.requests == 2


def test_a_night_without_objects_is_empty(alerce: Alerce) -> None:
    assert alerce.active(FIRST.back(1)).equals(LISTED.empty_table())


def test_a_list_that_is_silent_altogether_is_not_an_empty_night(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "empty", "route": LIST, "rate": 1}])
    with pytest.raises(ArchiveDown, match="its list does not know ZTF20aaaa0000"):
        alerce.active(FIRST)


@pytest.mark.parametrize("fault", EVERYWHERE)
def test_a_fault_once_changes_nothing_and_at_every_request_says_so(broker: Served, fault: str) -> None:
    archives = within(broker.archives, 0.2)
    broker.misbehave([{"fault": fault, "route": LIST, "count": 1}])
    assert _oids(Alerce(archives), 251) == _expected(251)
    assert struck(broker) == 1
    broker.misbehave([{"fault": fault, "route": LIST, "rate": 1}])
    with pytest.raises(ArchiveDown, match=f"^ALeRCE at {broker.url} cannot be used"):
        Alerce(archives).active(FIRST)


def test_whoever_is_banned_asks_once(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "ban", "route": LIST, "rate": 1}])
    with pytest.raises(ArchiveDown, match="status 403"):
        alerce.active(FIRST)
    assert alerce.line.tally.requests == 1


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        b"null",
        b'{"items": null}',
        b'{"items": {"oid": 1}}',
        b'{"items": [3]}',
        b'{"items": [{"oid": null, "meanra": 1.0, "meandec": 2.0}]}',
        b'{"items": [{"oid": "ZTF20aaaaaaa", "meanra": null, "meandec": 2.0}]}',
        b'{"items": [{"oid": "ZTF20aaaaaaa", "meanra": 1.0}]}',
        b'{"items": [{"oid": "ZTF20aaaaaaa", "meanra": 1.0, "meandec": 2.0, "ndet": "many"}]}',
        b"<html><body>Down for maintenance</body></html>",
        b"",
    ],
)
def test_an_answer_that_is_not_a_list_of_objects_is_not_used(body: bytes) -> None:
    with canned(body) as archive, pytest.raises(ArchiveDown, match=r"malformed|not JSON|not an object of JSON"):
        _at(archive.url).active(FIRST)


def test_objects_at_zero_are_found_because_the_list_is_never_asked_by_position() -> None:
    body = b'{"items": [{"oid": "ZTF20aaaaaaa", "meanra": 0.0, "meandec": 0.0, "ndet": 3}]}'
    with canned(body) as archive:
        rows = _at(archive.url).active(FIRST).to_pylist()
    assert [(row["ra"], row["dec"]) for row in rows] == [(0.0, 0.0)]
    assert not [path for path, _, _ in archive.asked if "ra=" in path or "radius" in path]


def _at(url: str) -> Alerce:
    return Alerce(Archives(alerce=ArchiveSettings(url=url, rate_per_s=None), canaries=Canaries(oid=None)))
