"""IRSA's login gives a cookie for the right password, and nothing else tells the two answers apart."""

from typing import Any

import httpx
import pytest

from starloop.sky.server.host import Served

LOGIN = "/account/signon/login.do"
RIGHT = {"josso_cmd": "login", "josso_username": "someone", "josso_password": "a secret"}
COOKIE = "JOSSO_SESSIONID"


@pytest.fixture
def client(served: Served) -> Any:
    with httpx.Client(base_url=served.url) as client:
        yield client


def test_the_right_password_gets_a_session_that_the_light_curves_accept(client: Any, served: Served) -> None:
    ra, dec = served.archives.canaries.epochs or (0, 0)
    asked = {"POS": f"CIRCLE {ra} {dec} 0.0004", "FORMAT": "CSV"}
    without = client.get(served.archives.irsa.url, params=asked)
    assert client.post(LOGIN, data=RIGHT).status_code == 200
    assert client.cookies[COOKIE]
    within = client.get(served.archives.irsa.url, params=asked)
    assert COOKIE in within.request.headers["cookie"]
    assert within.content == without.content


@pytest.mark.parametrize(
    "change",
    [{"josso_password": "wrong"}, {"josso_password": ""}, {"josso_username": ""}, {"josso_cmd": ""}],
    ids=str,
)
def test_a_refused_login_is_a_page_without_a_cookie(client: Any, change: dict[str, str]) -> None:
    answer = client.post(LOGIN, data=RIGHT | change)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<html>" in answer.text
    assert not client.cookies


def test_a_password_in_the_address_is_refused(client: Any) -> None:
    assert client.get(LOGIN, params=RIGHT).status_code == 405
    assert not client.post(LOGIN, params=RIGHT).cookies


def test_the_login_misbehaves_as_irsa(client: Any, served: Served) -> None:
    served.misbehave([{"fault": "http-503", "route": "irsa", "rate": 1}])
    assert client.post(LOGIN, data=RIGHT).status_code == 503
    served.misbehave([{"fault": "usage-fault", "route": "irsa", "rate": 1}])
    assert client.post(LOGIN, data=RIGHT).status_code == 200
    served.misbehave([])
