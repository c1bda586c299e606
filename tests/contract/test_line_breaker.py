"""An archive that fails again and again is left alone for a while."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from starloop.archives import http, line
from starloop.archives.config import ArchiveSettings
from starloop.archives.line import FAILING_IN_A_ROW, Banned, Exhausted, Line, Refused, Unavailable
from starloop.errors import ArchiveDown
from tests.contract.scripted import Scripted, scripted

TRIES = 2
LEFT_ALONE_S = 0.6


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try twice, at once."""
    monkeypatch.setattr(line, "TRIES", TRIES)
    monkeypatch.setattr(line, "_BACKOFF", lambda state: 0.0)


def _line(url: str = "http://127.0.0.1", connections: int = 4) -> Line:
    settings = ArchiveSettings(url=url, rate_per_s=None, connections=connections, deadline_s=LEFT_ALONE_S)
    return Line("Archive", settings, "TESTED")


def _fail(ask: Callable[[], object], times: int, error: type[Exception]) -> None:
    for _ in range(times):
        with pytest.raises(error):
            ask()


@pytest.mark.parametrize(("status", "error", "tries"), [(503, Exhausted, TRIES), (403, Banned, 1)])
def test_nothing_is_sent_any_more_after_some_failed_requests_in_a_row(status, error, tries, server):
    client = http.client(_line(server.url))
    _fail(lambda: client.get(f"{server.url}/status/{status}"), FAILING_IN_A_ROW, error)
    assert len(server.asked) == tries * FAILING_IN_A_ROW
    with pytest.raises(ArchiveDown, match=rf"Archive at {server.url} .*{FAILING_IN_A_ROW} requests .* status {status}"):
        client.get(f"{server.url}/ok")
    assert len(server.asked) == tries * FAILING_IN_A_ROW


def test_an_answer_in_between_shows_that_the_archive_is_there(server):
    client = http.client(_line(server.url))
    for answer in ("ok", "status/404"):
        _fail(lambda: client.get(f"{server.url}/status/503"), FAILING_IN_A_ROW - 1, Exhausted)
        try:
            client.get(f"{server.url}/{answer}")
        except Refused:
            assert answer == "status/404"
    _fail(lambda: client.get(f"{server.url}/status/503"), FAILING_IN_A_ROW - 1, Exhausted)
    assert client.get(f"{server.url}/ok").content == b"whole"


def test_bad_requests_do_not_mean_that_the_archive_is_down(server):
    client = http.client(_line(server.url))
    _fail(lambda: client.get(f"{server.url}/status/400"), 2 * FAILING_IN_A_ROW, Refused)
    assert client.get(f"{server.url}/ok").content == b"whole"


def test_after_a_while_it_is_asked_again_and_left_alone_again_when_that_fails(server):
    client = http.client(_line(server.url))
    _fail(lambda: client.get(f"{server.url}/status/503"), FAILING_IN_A_ROW, Exhausted)
    time.sleep(LEFT_ALONE_S)
    _fail(lambda: client.get(f"{server.url}/status/503"), 1, Exhausted)
    _fail(lambda: client.get(f"{server.url}/ok"), 1, ArchiveDown)
    time.sleep(LEFT_ALONE_S)
    assert client.get(f"{server.url}/ok").content == b"whole"
    _fail(lambda: client.get(f"{server.url}/status/503"), FAILING_IN_A_ROW - 1, Exhausted)
    assert client.get(f"{server.url}/ok").content == b"whole"


def test_a_request_that_waits_for_its_next_try_is_not_sent_when_the_archive_went_down_meanwhile(server):
    client = http.client(_line(server.url))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, f"{server.url}/wait/1?first")
        while not server.asked:
            time.sleep(0.01)
        time.sleep(LEFT_ALONE_S)
        _fail(lambda: client.get(f"{server.url}/status/503"), FAILING_IN_A_ROW, Exhausted)
        with pytest.raises(Exhausted):
            waiting.result()
    assert [one.target for one in server.asked].count("/wait/1?first") == 1


def test_a_request_that_fails_after_the_archive_went_down_does_not_wait_for_another_try(server, monkeypatch):
    to, failed = _line(server.url), threading.Event()

    def send() -> tuple[None, int]:
        failed.wait(5)
        raise Unavailable("busy")

    client = http.client(to)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(to.exchange, send)
        _fail(lambda: client.get(f"{server.url}/status/503"), FAILING_IN_A_ROW, Exhausted)
        monkeypatch.setattr(line, "_BACKOFF", lambda state: 10.0)
        began = time.monotonic()
        failed.set()
        with pytest.raises(Exhausted):
            waiting.result()
    assert time.monotonic() - began < 5


def test_requests_that_wait_for_a_connection_are_not_sent_to_an_archive_that_went_down(monkeypatch):
    monkeypatch.setattr(line, "TRIES", 1)
    to, sent = _line(connections=FAILING_IN_A_ROW), []

    def send() -> tuple[None, int]:
        sent.append(1)
        time.sleep(0.1)
        raise Unavailable("busy")

    def ask(_: int) -> None:
        with pytest.raises((Exhausted, ArchiveDown)):
            to.exchange(send)

    with ThreadPoolExecutor(10 * FAILING_IN_A_ROW) as pool:
        list(pool.map(ask, range(10 * FAILING_IN_A_ROW)))
    assert FAILING_IN_A_ROW <= len(sent) <= 3 * FAILING_IN_A_ROW  # some may be on their way when the third one fails
    assert to.tally.requests == len(sent)
