"""The Python client: what it asks again, and what it does not."""

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from starloop.endpoint import client
from starloop.endpoint.client import Endpoint
from starloop.errors import BadInput, StarloopError

OK = (200, {"Content-Type": "application/json"}, b"[]")
PROBLEM = {"Content-Type": "application/problem+json"}


class Scripted(ThreadingHTTPServer):
    """A server that gives prepared answers, and keeps what it was asked; None closes the connection."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Any] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Scripted

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, dict(self.headers), body))
        answer = self.server.answers.pop(0) if self.server.answers else OK
        if answer is None:
            self.close_connection = True
            return
        status, headers, content = answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST  # noqa: N815 - the names of the standard library

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    monkeypatch.setattr(client, "_BACKOFF", lambda state: 0.0)
    monkeypatch.delenv("STARLOOP_TOKEN", raising=False)
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def problem(status: int, detail: str, **headers: str) -> Any:
    return status, PROBLEM | headers, json.dumps({"detail": detail}).encode()


def test_what_another_attempt_may_cure_is_asked_again(server: Scripted) -> None:
    server.answers = [problem(503, "come again"), None, problem(429, "too often", **{"Retry-After": "0"}), OK]
    assert client.classify(server.url, [{"id": "a"}]) == []
    assert len(server.asked) == 4


def test_it_gives_up_and_says_what_it_was_told_last(server: Scripted) -> None:
    server.answers = [problem(503, "too many requests are under way")] * 9
    with pytest.raises(StarloopError, match="503: too many requests are under way"):
        client.classify(server.url, [])
    assert len(server.asked) == 4


@pytest.mark.parametrize(("status", "error"), [(400, BadInput), (401, BadInput), (409, BadInput), (500, StarloopError)])
def test_what_no_attempt_can_cure_is_asked_once(server: Scripted, status: int, error: type[Exception]) -> None:
    server.answers = [problem(status, "[0].mag: is not a number")]
    with pytest.raises(error, match=r"\[0\].mag" if error is BadInput else "its log says why") as wrong:
        client.classify(server.url, [{"id": "a"}])
    assert type(wrong.value) is error
    assert len(server.asked) == 1


def test_it_waits_as_long_as_it_is_told(server: Scripted) -> None:
    from types import SimpleNamespace
    from typing import cast

    from tenacity import RetryCallState

    told = client._Again(StarloopError("later"), after_s=7.0)
    state = SimpleNamespace(outcome=SimpleNamespace(exception=lambda: told))
    assert client._pause(cast("RetryCallState", state)) == 7.0
    assert [client._seconds(said) for said in ("7", "Wed, 21 Oct 2026 07:28:00 GMT", "")] == [7.0, 0.0, 0.0]


def test_a_long_body_is_gzipped_and_numpy_is_taken(server: Scripted) -> None:
    mjd = np.arange(1_000) + 0.25
    client.classify(server.url, [{"id": "a", "mjd": mjd}])
    _, headers, body = server.asked[0]
    assert headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(body)) == [{"id": "a", "mjd": mjd.tolist()}]
    client.classify(server.url, [{"id": "a"}])
    assert "Content-Encoding" not in server.asked[1][1]


def test_the_token_is_given_or_in_the_environment(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    client.classify(server.url, [])
    monkeypatch.setenv("STARLOOP_TOKEN", "sesame")
    client.classify(server.url, [])
    with Endpoint(server.url, token="own") as endpoint:
        endpoint.score("0" * 64, [{"g_mean": None}])
    assert [headers.get("Authorization") for _, headers, _ in server.asked] == [None, "Bearer sesame", "Bearer own"]


def test_many_light_curves_are_asked_a_thousand_at_a_time(server: Scripted) -> None:
    server.answers = [(200, OK[1], json.dumps([{"n": n}]).encode()) for n in range(3)]
    assert client.classify(server.url, [{"id": "a"}] * 2_001) == [{"n": 0}, {"n": 1}, {"n": 2}]
    bodies = [json.loads(gzip.decompress(body)) for _, headers, body in server.asked if "Content-Encoding" in headers]
    assert [len(body) for body in bodies] == [1_000, 1_000]


def test_what_is_no_endpoint_is_told_apart(server: Scripted) -> None:
    server.answers = [(200, {"Content-Type": "text/html"}, b"<html>")]
    with pytest.raises(StarloopError, match="no endpoint of starloop's"):
        client.model(server.url)
    nobody = "http://127.0.0.1:1"
    with pytest.raises(StarloopError, match=rf"{nobody} does not answer \(ConnectError\)"):
        client.model(nobody)
