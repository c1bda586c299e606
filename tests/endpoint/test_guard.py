"""What stands before every route: tokens, rates, sizes, times, request ids, and problems that say what is wrong."""

import asyncio
import base64
import gzip
import hashlib
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel, SecretStr
from starlette.testclient import TestClient

from starloop.endpoint.guard import Guarding, check_bind, guarded
from starloop.endpoint.problems import FieldError, Refused
from starloop.endpoint.rates import Rate
from starloop.errors import BadInput


class Asked(BaseModel):
    id: str
    numbers: list[float] = []


def entry(name: str, token: str) -> str:
    return f"{name}:{hashlib.sha256(token.encode()).hexdigest()}"


def asking(**settings: Any) -> TestClient:
    app = FastAPI()

    @app.post("/echo")
    def echo(asked: Asked) -> Asked:
        return asked

    @app.get("/who")
    async def who(request: Request) -> dict[str, Any]:
        return {"asker": request.state.asker, "request_id": request.state.request_id}

    @app.get("/healthz")
    async def healthz() -> str:
        return "well"

    @app.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(30)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("the secret reason")

    @app.get("/refused")
    async def refused() -> None:
        raise Refused(409, "it is another one", [FieldError(path="feature_schema", problem="is another")])

    @app.get("/long")
    async def long() -> str:
        return "starloop " * 1_000

    @app.get("/missing")
    async def missing() -> None:
        raise HTTPException(404, "no such object")

    return TestClient(guarded(app, settings=Guarding(**settings)), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with asking(most_bytes=1_000) as client:
        yield client


def problem(reply: Any, status: int) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = reply.json()
    assert told["status"] == status
    assert told["request_id"] == reply.headers["x-request-id"]
    assert told["detail"]
    return told


def test_a_sane_request_id_is_kept_and_another_is_made_anew(client: TestClient) -> None:
    assert client.get("/who", headers={"X-Request-ID": "run-7.a"}).headers["x-request-id"] == "run-7.a"
    for strange in ("a b", "x" * 65, "", "a/../b"):
        made = client.get("/who", headers={"X-Request-ID": strange})
        assert len(made.headers["x-request-id"]) == 32
        assert made.json()["request_id"] == made.headers["x-request-id"]


def test_a_wrong_field_is_named(client: TestClient) -> None:
    told = problem(client.post("/echo", json={"id": "a", "numbers": [1, "x"]}), 400)
    assert [one["path"] for one in told["errors"]] == ["numbers[1]"]
    assert told["detail"].startswith("numbers[1]: ")
    assert problem(client.post("/echo", content=b"{", headers={"Content-Type": "application/json"}), 400)["errors"]


def test_what_fastapi_refuses_is_a_problem_too(client: TestClient) -> None:
    problem(client.get("/nowhere"), 404)
    assert problem(client.get("/missing"), 404)["detail"] == "no such object"
    assert client.get("/echo").headers["allow"] == "POST"
    assert problem(client.get("/echo"), 405)["title"] == "Method Not Allowed"
    assert problem(client.get("/refused"), 409)["errors"] == [{"path": "feature_schema", "problem": "is another"}]


def test_a_failure_is_logged_and_not_told(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    told = problem(client.get("/broken"), 500)
    assert "secret reason" not in str(told)
    assert told["request_id"] in caplog.text
    assert "secret reason" in caplog.text


def test_a_body_is_taken_up_to_its_bound_sent_plain_or_gzipped(client: TestClient) -> None:
    as_json = {"Content-Type": "application/json"}
    fits, longer = b'{"id": "%s"}' % (b"a" * 900), b'{"id": "%s"}' % (b"a" * 1_000)
    assert client.post("/echo", content=fits, headers=as_json).json()["id"] == "a" * 900
    packed = as_json | {"Content-Encoding": "gzip"}
    assert client.post("/echo", content=gzip.compress(fits), headers=packed).json()["id"] == "a" * 900
    halves = gzip.compress(fits[:100]) + gzip.compress(fits[100:])
    assert client.post("/echo", content=halves, headers=packed).status_code == 200
    problem(client.post("/echo", content=longer, headers=as_json), 413)
    problem(client.post("/echo", content=(part for part in (longer, longer)), headers=as_json), 413)
    problem(client.post("/echo", content=gzip.compress(b" " * 10_000_000, 9)[:900], headers=packed), 413)


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [("gzip", b"{}", 400), ("gzip", gzip.compress(b"{}" * 40)[:-9], 400), ("br", b"{}", 415), ("gzip, gzip", b"", 415)],
    # A body as a name would hold the second it was packed in, and each test process collect another name.
    ids=["no gzip", "half of it", "brotli", "twice"],
)
def test_a_body_that_cannot_be_unpacked_is_refused(client: TestClient, encoding: str, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    problem(client.post("/echo", content=body, headers=headers), status)


@pytest.mark.parametrize("body", [b'{"id": "\xff"}', b"[" * 100_000], ids=["not UTF-8", "too deep"])
def test_a_body_that_no_parser_takes_is_refused_in_words(body: bytes) -> None:
    reply = asking().post("/echo", content=body, headers={"Content-Type": "application/json"})
    assert "UTF-8" in problem(reply, 400)["detail"]


def test_a_long_answer_is_gzipped_for_who_takes_it(client: TestClient) -> None:
    packed = client.get("/long", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/long", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_only_a_good_token_may_ask_and_health_needs_none() -> None:
    with asking(tokens=SecretStr(f"{entry('ann', 'one')}, {entry('bob', 'two')}")) as client:
        for header in ("Bearer one", "bearer one", f"Basic {base64.b64encode(b'anyone:one').decode()}"):
            assert client.get("/who", headers={"Authorization": header}).json()["asker"] == "ann"
        assert client.get("/who", headers={"Authorization": "Bearer two"}).json()["asker"] == "bob"
        for header in ("Bearer three", "Bearer", "one", "Basic !", "Basic b25l", "Bearer ü"):
            told = client.get("/who", headers={"Authorization": header.encode()})
            problem(told, 401)
            assert told.headers["www-authenticate"].startswith("Bearer")
        problem(client.get("/nowhere"), 401)
        assert client.get("/healthz").status_code == 200


def test_a_token_that_was_taken_out_is_revoked() -> None:
    with asking(tokens=SecretStr(entry("bob", "two"))) as client:
        problem(client.get("/who", headers={"Authorization": "Bearer one"}), 401)


def test_a_token_that_asks_too_often_is_told_when_to_come_again() -> None:
    both = SecretStr(f"{entry('ann', 'one')},{entry('bob', 'two')}")
    with asking(tokens=both, requests_a_minute=2) as client:
        one, two = ({"Authorization": f"Bearer {token}"} for token in ("one", "two"))
        assert [client.get("/who", headers=one).status_code for _ in range(3)] == [200, 200, 429]
        told = client.get("/who", headers=one)
        problem(told, 429)
        assert 0 < int(told.headers["retry-after"]) <= 30
        assert client.get("/who", headers=two).status_code == 200


def test_a_rate_fills_evenly_and_holds_a_minute() -> None:
    now = 0.0
    rate = Rate(60, clock=lambda: now)
    assert [rate.wait() for _ in range(61)] == [0] * 60 + [1]
    now = 2.0
    assert [rate.wait() for _ in range(3)] == [0, 0, 1]
    now = 1_000.0
    assert sum(rate.wait() == 0 for _ in range(100)) == 60


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    with asking(within_s=0.05) as client:
        problem(client.get("/slow"), 504)


def test_more_requests_at_once_than_allowed_are_asked_to_come_again() -> None:
    from httpx import ASGITransport, AsyncClient

    async def both() -> list[int]:
        app = asking(most_at_once=1, within_s=0.2).app
        async with AsyncClient(transport=ASGITransport(app), base_url="http://starloop") as client:
            replies = await asyncio.gather(client.get("/slow"), client.get("/who"))
        assert replies[1].headers["retry-after"] == "1"
        return [reply.status_code for reply in replies]

    assert asyncio.run(both()) == [504, 503]


@pytest.mark.parametrize("told", ["ann", "ann:abc", "an n:" + "0" * 64, f"{entry('ann', 'x')},{entry('ann', 'y')}"])
def test_tokens_that_cannot_be_read_are_refused_without_being_repeated(told: str) -> None:
    with pytest.raises(BadInput, match="STARLOOP_TOKENS") as wrong:
        guarded(FastAPI(), settings=Guarding(tokens=SecretStr(told)))
    assert told not in str(wrong.value)


def test_without_tokens_only_this_machine_is_answered_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    for host in ("127.0.0.1", "::1", "localhost"):
        check_bind(host, Guarding())
    assert "the endpoint is open" in caplog.text
    for host in ("0.0.0.0", "192.168.1.5", "::", "", "starloop.example.org"):  # noqa: S104 - it is refused
        with pytest.raises(BadInput, match="set STARLOOP_TOKENS"):
            check_bind(host, Guarding())
        check_bind(host, Guarding(tokens=SecretStr(entry("ann", "one"))))


def test_no_token_and_no_address_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "starloop.requests")
    with asking(tokens=SecretStr(entry("ann", "sesame"))) as client:
        client.get("/who", headers={"Authorization": "Bearer sesame", "X-Request-ID": "mine"})
    (line,) = [one.getMessage() for one in caplog.records if one.name == "starloop.requests"]
    assert line.startswith("mine GET /who 200 ")
    assert "sesame" not in caplog.text
    assert "testclient" not in line


def test_the_document_tells_every_status_and_tokens_only_where_there_are_some(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["paths"]["/echo"]["post"]["responses"]) == {
        *("200", "400", "408", "413", "415", "429", "500", "503", "504")
    }
    assert set(document["paths"]["/who"]["get"]["responses"]) == {"200", "429", "500", "503", "504"}
    assert "security" not in document
    assert "HTTPValidationError" not in document["components"]["schemas"]
    with asking(tokens=SecretStr(entry("ann", "one"))) as closed:
        told = closed.get("/openapi.json", headers={"Authorization": "Bearer one"}).json()
    assert told["security"] == [{"token": []}]
    assert "401" in told["paths"]["/who"]["get"]["responses"]
