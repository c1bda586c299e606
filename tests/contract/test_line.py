"""How a line asks: what it repeats and what not, how often, how soon, how many at once, and what it counts."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from itertools import pairwise

import httpx
import pytest

from starloop.archives import http, line
from starloop.archives.config import ArchiveSettings
from starloop.archives.line import TRIES, Banned, Exhausted, Line, Refused, Unavailable
from starloop.errors import ArchiveDown
from tests.contract.scripted import BINDINGS, Bind, Scripted, scripted

THREADS = 16


@pytest.fixture(params=BINDINGS)
def bind(request: pytest.FixtureRequest) -> Bind:
    """Put a line under a client of each library."""
    return BINDINGS[request.param]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as running:
        yield running


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not back off between tries."""
    monkeypatch.setattr(line, "_BACKOFF", lambda state: 0.0)


def _line(url: str = "http://127.0.0.1", **changed: float | None) -> Line:
    return Line("Archive", ArchiveSettings(url=url, **({"rate_per_s": None, "deadline_s": 5} | changed)), "TESTED")


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("status/429", "status 429"),
        ("status/500", "status 500"),
        ("status/503", "status 503"),
        ("reset", "the connection was reset"),
        ("truncated", "its body was cut short"),
        ("bad-gzip", "its body cannot be decompressed"),
    ],
)
def test_what_may_pass_is_tried_again_a_few_times(behaviour, reason, bind, server, hurried):
    to = _line(server.url)
    server.script = [behaviour] * (TRIES - 1)
    assert bind(to).get(f"{server.url}/ok").content == b"whole"
    assert (to.tally.requests, to.tally.retries) == (TRIES, TRIES - 1)
    server.script = [behaviour] * TRIES
    with pytest.raises(Exhausted, match=reason):
        bind(to).get(f"{server.url}/ok")
    assert len(server.asked) == 2 * TRIES
    assert to.tally.faults == {reason: 2 * TRIES - 1}


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_a_bad_request_is_not_sent_again(status, bind, server):
    with pytest.raises(Refused, match=f"status {status}: .*no") as refused:
        bind(_line(server.url)).get(f"{server.url}/status/{status}")
    assert not isinstance(refused.value, Banned)
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_an_archive_that_does_not_want_us_is_not_asked_again(status, bind, server):
    with pytest.raises(Banned, match=f"status {status}"):
        bind(_line(server.url)).get(f"{server.url}/status/{status}")
    assert len(server.asked) == 1


def test_a_server_that_is_not_there_and_a_name_that_is_no_server_s_are_told_apart(bind, server, hurried):
    with pytest.raises(Exhausted, match="its name cannot be resolved"):
        bind(_line()).get("http://no-such-host.invalid/ok")
    with pytest.raises(Exhausted, match="it takes no connection"):
        bind(_line()).get("http://127.0.0.1:9/ok")


@pytest.mark.parametrize("address", ["http://archive..org/ok", "ftp://archive/ok"])
def test_an_address_that_is_none_is_told(address, bind, hurried):
    with pytest.raises((Unavailable, ValueError, httpx.InvalidURL), match=r"address is none|label|adapters"):
        bind(_line()).get(address)


@pytest.mark.parametrize("to", ["ftp://archive/ok", "http://archive..org/ok"])
def test_a_redirect_that_leads_nowhere_is_no_answer(to, bind, server, hurried):
    server.script = [f"lead/{to}"]
    with pytest.raises(Unavailable, match=r"is none|is no address"):
        bind(_line(server.url)).get(f"{server.url}/ok")


@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("failure", ["status/503", "reset", "truncated"])
def test_a_request_is_sent_again_as_a_whole(method, failure, bind, server, hurried):
    server.script = [failure, failure]
    form = {"data": {"query": "SELECT *"}, "files": {"upload": b"a" * 100_000}} if method == "POST" else {}
    answer = bind(_line(server.url)).request(method, f"{server.url}/ok", **form)
    first, *others = server.asked
    assert answer.status_code == 200
    assert [one.method for one in server.asked] == [method] * (1 + len(others))
    assert all((one.target, one.body) == (first.target, first.body) for one in others)
    assert len(first.body) > 100_000 or method == "HEAD"
    assert others or failure == "truncated"  # the answer to HEAD has no body


def test_redirects_are_followed_with_method_and_body(bind, server):
    answer = bind(_line(server.url)).post(f"{server.url}/redirect/ok", data={"oid": "ZTF20aaelulu"})
    assert answer.content == b"whole"
    assert [(one.method, one.target, one.body) for one in server.asked] == [
        ("POST", "/redirect/ok", b"oid=ZTF20aaelulu"),
        ("POST", "/ok", b"oid=ZTF20aaelulu"),
    ]


def test_a_compressed_answer_is_decompressed_once_and_counted_so(bind, server):
    to = _line(server.url)
    answer = bind(to).get(f"{server.url}/gzip")
    assert "gzip" in server.asked[0].headers["accept-encoding"]
    assert (answer.content, answer.text) == (b"whole", "whole")
    assert to.tally.received_bytes == len(b"whole")


def test_the_target_of_a_request_is_a_path_and_its_encoding_stays(bind, server):
    bind(_line(server.url)).get(f"{server.url}/ok", params={"POS": "CIRCLE 1 -2", "plus": "a+b&c"})
    assert server.asked[0].target == "/ok?POS=CIRCLE+1+-2&plus=a%2Bb%26c"


def test_an_archive_is_left_alone_for_as_many_seconds_as_it_asks(bind, server, hurried):
    server.script = ["wait/1"]
    bind(_line(server.url)).get(f"{server.url}/ok")
    assert 1.0 <= server.asked[1].at - server.asked[0].at <= 1.5


def test_an_archive_is_left_alone_until_the_date_it_asks_for(server, hurried):
    until = math.ceil(time.time()) + 1
    server.script = [f"wait/{formatdate(until, usegmt=True)}"]
    http.client(_line(server.url)).get(f"{server.url}/ok")
    assert until <= time.time() <= until + 0.5


@pytest.mark.parametrize("told", ["3600", formatdate(4e9, usegmt=True)])
def test_an_archive_is_not_waited_for_too_long(told, bind, server, hurried, monkeypatch):
    monkeypatch.setattr(line, "LONGEST_WAIT_S", 0.2)
    server.script = [f"wait/{told}"]
    bind(_line(server.url)).get(f"{server.url}/ok")
    assert 0.2 <= server.asked[1].at - server.asked[0].at <= 0.7


@pytest.mark.parametrize("told", [None, "", "soon", "-5", "1.5", "²", formatdate(0), "Thu, 01 Jan 1970 00:00:00 -0000"])
def test_what_is_no_time_in_the_future_is_not_waited_for(told):
    with pytest.raises(Unavailable) as unavailable:
        http.check_status(429, told, "")
    assert unavailable.value.after_s == 0.0


def test_waits_grow_and_differ_between_requests(server, monkeypatch):
    monkeypatch.setattr(line, "TRIES", 3)
    sent: dict[int, list[float]] = {}

    def fail(number: int) -> None:
        def send() -> tuple[None, int]:
            sent.setdefault(number, []).append(time.monotonic())
            raise Unavailable("busy")

        with pytest.raises(Exhausted):
            _line().exchange(send)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fail, range(4)))
    waits = [[later - earlier for earlier, later in pairwise(times)] for times in sent.values()]
    assert all(0.2 * 2**n <= wait < 0.2 * 2**n + 0.5 for of in waits for n, wait in enumerate(of))
    assert len({round(of[0], 2) for of in waits}) > 1


def test_other_errors_are_not_hidden_and_not_repeated():
    sent = []

    def send() -> tuple[None, int]:
        sent.append(1)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _line().exchange(send)
    assert len(sent) == 1


def test_a_question_is_asked_again_until_its_answer_is_usable(hurried):
    answers = iter([Unavailable("HTML instead of CSV"), Unavailable("HTML instead of CSV"), "rows"])

    def question() -> str:
        answer = next(answers)
        if isinstance(answer, Unavailable):
            raise answer
        return answer

    assert _line().ask(question) == "rows"


def test_a_question_without_an_answer_says_which_archive_and_what_to_check(hurried):
    asked = []

    def question() -> None:
        asked.append(1)
        raise Unavailable("HTML instead of CSV")

    with pytest.raises(ArchiveDown, match=r"Archive at http://127.0.0.1 .*HTML.*STARLOOP_ARCHIVES__TESTED__URL"):
        _line().ask(question)
    assert len(asked) == TRIES


def test_a_question_whose_requests_failed_for_good_is_not_asked_again(server, hurried):
    to = _line(server.url)
    client = http.client(to)
    with pytest.raises(ArchiveDown, match="status 503"):
        to.ask(lambda: client.get(f"{server.url}/status/503"))
    assert len(server.asked) == TRIES


def test_a_refusal_of_what_is_needed_means_the_archive_is_down():
    def refused() -> None:
        raise Refused("status 404")

    with pytest.raises(ArchiveDown, match="status 404"):
        _line().need(refused)


def _at_once(threads: int, work: Callable[[int], object]) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))


def test_no_more_connections_than_allowed_are_used_and_all_of_them_are(bind, server):
    client = bind(_line(server.url, connections=3))
    _at_once(THREADS, lambda _: [client.get(f"{server.url}/after/0.03") for _ in range(4)])
    assert len(server.asked) == 4 * THREADS
    assert server.most_at_once == 3


def test_a_tally_counts_every_request_of_every_thread(bind, server, hurried):
    to = _line(server.url, connections=8)
    client = bind(to)
    server.script = ([*["ok"] * 9, "status/503", *["ok"] * 9, "reset"] * 5) + ["after/0.4"]
    _at_once(THREADS, lambda _: [client.get(f"{server.url}/ok") for _ in range(10)])
    assert to.tally.requests == len(server.asked) == 10 * THREADS + 10
    assert to.tally.retries == 10
    assert to.tally.faults == {"status 503": 5, "the connection was reset": 5}
    assert to.tally.received_bytes == 10 * THREADS * len(b"whole")
    assert 0.4 <= to.tally.longest_s < 1.0
