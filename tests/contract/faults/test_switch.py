"""Where, how often and whom the faults strike is as it was told, and what cannot be told is refused."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from starloop.errors import BadInput
from starloop.sky.server.app import create_app
from starloop.sky.server.faults import Fault, Faults
from starloop.sky.server.host import serving
from starloop.sky.server.misbehave import Misbehaving
from tests.contract.faults.asking import (
    EVERY,
    bts,
    complaints,
    curve,
    download,
    invoke,
    irsa,
    objects,
    put,
    struck,
    xmatch,
)


@pytest.mark.parametrize("name", EVERY)
def test_a_fault_stays_on_its_route(archive, name):
    put(archive, {"fault": "http-503", "route": name, "rate": 1})
    assert {other: ask(archive).status_code for other, ask in EVERY.items()} == {
        other: 503 if other == name else 200 for other in EVERY
    }
    assert struck(archive) == [1]


def test_a_route_can_be_the_beginning_of_a_path_with_its_query(archive):
    put(archive, {"fault": "http-502", "route": "/ztf/v1/objects?", "rate": 1})
    assert (objects(archive).status_code, objects(archive, page=2).status_code) == (502, 502)
    assert curve(archive).status_code == 200
    put(archive, {"fault": "http-502", "route": "/ztf/v1/objects/ZTF20aaaaaa1", "rate": 1})
    assert [curve(archive, n).status_code for n in range(3)] == [200, 502, 200]


def test_the_server_itself_is_never_struck(archive):
    put(archive, *({"fault": name, "rate": 1} for name in ("http-502", "reset", "stalled")))
    assert archive.get("/health").json()["sky"] == "tiny"
    assert archive.get("/clock").json() == {"as_of": None}
    assert archive.put("/clock", json={"as_of": None}).status_code == 200
    assert struck(archive) == [0, 0, 0]


def test_a_count_runs_out(archive):
    put(archive, {"fault": "http-504", "route": "irsa", "count": 3})
    assert [irsa(archive).status_code for _ in range(5)] == [504, 504, 504, 200, 200]
    assert archive.get("/faults").json() == [
        {"fault": "http-504", "route": "irsa", "count": 3, "seed": 0, "struck": 3},
    ]


def test_a_count_is_of_answers_that_can_be_spoilt(archive):
    put(archive, {"fault": "duplicates", "route": "alerce", "count": 1})
    lengths = [len(objects(archive, page=page, page_size=2).json()["items"]) for page in (1, 2, 3)]
    assert (lengths, struck(archive)) == ([2, 3, 2], [1])


def test_many_threads_use_a_count_up_exactly(archive):
    put(archive, {"fault": "http-503", "route": "alerce", "count": 25})
    with ThreadPoolExecutor(8) as pool:
        got = Counter(pool.map(lambda n: objects(archive, page=n % 7 + 1).status_code, range(80)))
    assert got == {503: 25, 200: 55}


def decisions(archive, order, **fault):
    """Ask everything in `order` from 8 threads; give the statuses of each request, sorted."""
    put(archive, {"fault": "http-502", "route": "alerce", "rate": 0.3} | fault)
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda page: (page, objects(archive, page=page).status_code), order))
    return sorted(got)


def test_a_rate_strikes_the_same_requests_whoever_asks_first(archive):
    order = [page for page in range(1, 101) for _ in range(2)]
    first = decisions(archive, order)
    failed = sum(status == 502 for _, status in first)
    assert 40 < failed < 80  # 60 expected of 200, standard deviation 6.5
    assert struck(archive) == [failed]
    assert decisions(archive, order[::-1]) == first
    assert decisions(archive, order, seed=1) != first


def test_a_request_asked_again_is_decided_anew(archive):
    put(archive, {"fault": "http-502", "route": "irsa", "rate": 0.5})
    assert {irsa(archive).status_code for _ in range(20)} == {200, 502}


@pytest.mark.parametrize("ask", [invoke, xmatch], ids=["a cache breaker", "a boundary"])
def test_what_clients_add_at_random_decides_nothing(archive, ask):
    def statuses(breaker):
        put(archive, {"fault": "http-502", "rate": 0.5})
        extra = {"cacheBreaker": breaker} if ask is invoke else {}
        return [ask(archive, **extra).status_code for _ in range(20)]

    first = statuses("7d444840-9dc0-11d1-b245-5ffdce74fad2")
    assert set(first) == {200, 502}
    assert statuses("00000000-9dc0-11d1-b245-000000000000") == first


def test_rates_of_none_and_all(archive):
    put(archive, {"fault": "http-502", "rate": 0}, {"fault": "http-503", "route": "bts", "rate": 1.0})
    assert [objects(archive).status_code for _ in range(10)] == [200] * 10
    assert [bts(archive).status_code for _ in range(10)] == [503] * 10
    assert struck(archive) == [0, 10]


def test_faults_add_up_in_their_order(archive):
    put(archive, {"fault": "row-limit", "route": "irsa", "rate": 1, "limit": 2}, {"fault": "html", "rate": 1})
    assert irsa(archive).text.count("\n1000,") == 2
    assert struck(archive) == [1, 1]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"fault": "http-418", "rate": 1}, "there is no fault 'http-418': the known ones are http-502, "),
        ({"fault": "reset", "route": "eso", "rate": 1}, "there is no route 'eso': it must be .* alerce, bts, irsa, "),
        ({"fault": "reset", "route": "/ztf/v1/objectz", "rate": 1}, "there is no route '/ztf/v1/objectz'"),
        ({"fault": "reset", "route": "/clock", "rate": 1}, "there is no route '/clock'"),
        ({"fault": "executing", "route": "irsa", "rate": 1}, "executing cannot strike irsa: it belongs to /api/v0/"),
        ({"fault": "zeros", "route": "/ztf/v1/objects?", "rate": 1}, "zeros cannot strike"),
        ({"fault": "reset", "rate": 1.5}, "rate: Input should be less than or equal to 1"),
        ({"fault": "reset", "rate": -0.1}, "rate: Input should be greater than or equal to 0"),
        ({"fault": "reset", "rate": "1"}, "rate: Input should be a valid number"),
        ({"fault": "reset", "count": 0}, "count: Input should be greater than or equal to 1"),
        ({"fault": "reset"}, r"needs a rate \(0 to 1\) or a count \(1 or more\), and not both"),
        ({"fault": "reset", "rate": 1, "count": 1}, "and not both"),
        ({"fault": "reset", "rate": 1, "limit": 5}, "only row-limit has one"),
        ({"fault": "reset", "rate": 1, "colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"rate": 1}, "fault: Field required"),
        ("reset", "cannot be set"),
    ],
)
def test_a_fault_that_cannot_be_set_is_refused_and_changes_nothing(archive, running, fault, reason):
    put(archive, {"fault": "ban", "rate": 0})
    answer = archive.put("/faults", json=[{"fault": "empty", "rate": 1}, fault])
    assert answer.status_code == 400
    with pytest.raises(BadInput, match=reason) as refused:
        running.misbehave([{"fault": "empty", "rate": 1}, fault])
    assert answer.json() == {"detail": str(refused.value)}
    assert "\n" not in str(refused.value)
    assert [one["fault"] for one in archive.get("/faults").json()] == ["ban"]


@pytest.mark.parametrize("body", ["", "{", '"reset"', '{"fault": "reset", "rate": 1}', "3", "\xff"])
def test_what_is_no_list_of_faults_is_refused(archive, body):
    answer = archive.put("/faults", content=body.encode("latin-1"))
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith('faults must be a list such as [{"fault": "http-502"')


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("reset", Fault(fault="reset", rate=1)),
        ("reset:0.1", Fault(fault="reset", rate=0.1)),
        ("reset:mast", Fault(fault="reset", route="mast", rate=1)),
        ("http-502:/ztf/v1/objects?:0.25", Fault(fault="http-502", route="/ztf/v1/objects?", rate=0.25)),
    ],
)
def test_the_command_line_tells_a_fault_with_colons(text, fault):
    assert Fault.parse(text) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no fault ''"),
        ("reset:often", "there is no route 'often'"),
        ("reset:mast:often", "must be NAME\\[:ROUTE\\]\\[:RATE\\]"),
        ("reset:mast:2", "less than or equal to 1"),
        ("reset:mast:nan", "rate"),
    ],
)
def test_a_fault_the_command_line_cannot_tell_is_refused(text, reason):
    with pytest.raises(BadInput, match=reason):
        Fault.parse(text)


def test_faults_can_be_set_from_the_start(tiny_sky):
    assert create_app(tiny_sky, None, [Fault.parse("reset:mast")]).state.faults.told()[0]["route"] == "mast"
    with (
        pytest.raises(BadInput, match="there is no fault"),
        serving(tiny_sky, None, faults=[{"fault": "?", "rate": 1}]),
    ):
        pass
    with serving(tiny_sky, None, faults=[{"fault": "http-502", "rate": 1}]) as server:
        assert httpx.get(f"{server.url}/ztf/v1/objects").status_code == 502


def test_a_later_fault_can_hide_an_earlier_one_and_both_count(archive):
    put(archive, *({"fault": name, "route": "irsa", "rate": 1} for name in ("truncated", "empty", "http-503")))
    assert irsa(archive).status_code == 503
    assert struck(archive) == [1, 1, 1]


@pytest.mark.parametrize("fault", ["truncated", "stalled", "trickle"])
def test_an_answer_without_a_body_cannot_break_off(archive, fault):
    put(archive, {"fault": "http-502", "rate": 1}, {"fault": fault, "rate": 1})
    assert [download(archive, "HEAD").status_code for _ in range(3)] == [502, 502, 502]
    assert struck(archive) == [3, 0]


def test_without_faults_a_request_is_handed_on_untouched():
    handed = []

    async def app(scope, receive, send):
        handed.append((scope, receive, send))

    untouched = ({"type": "http"}, object(), object())  # any look at it would raise
    with pytest.raises(StopIteration):
        Misbehaving(app, Faults())(*untouched).send(None)
    assert handed[0] == untouched


@pytest.mark.parametrize("fault", ["stalled", "trickle"])
def test_an_answer_that_never_ends_does_not_hold_the_server_up(tiny_sky, fault):
    ended = threading.Event()

    def wait(url):
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/ztf/v1/objects", timeout=30)
        ended.set()

    with ExitStack() as running:
        server = running.enter_context(serving(tiny_sky, None, faults=[{"fault": fault, "rate": 1}]))
        clients = [threading.Thread(target=wait, args=(server.url,)) for _ in range(3)]
        for client in clients:
            client.start()
        while httpx.get(f"{server.url}/faults").json()[0]["struck"] < 3:
            time.sleep(0.01)
        assert not ended.is_set()
        began = time.monotonic()
        with complaints() as heard:
            running.close()
        assert time.monotonic() - began < 3
    assert heard == []  # uvicorn says when its patience, 1 s, has ended
    for client in clients:
        client.join(2)
    assert ended.is_set()
