"""The archive server's faults, as they come out of a line."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from starloop.archives import line
from starloop.archives.line import Banned, Line, Refused, Unavailable
from starloop.sky.server.faults import Fault
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import Sky
from tests.contract.scripted import BINDINGS, Bind

ADDRESS = "/ztf/v1/objects"
DEADLINE_S = 0.4


@pytest.fixture(scope="module")
def faulty(small_sky: Sky) -> Iterator[Served]:
    with serving(small_sky, None) as server:
        yield server


@pytest.fixture(params=BINDINGS)
def bind(request: pytest.FixtureRequest) -> Bind:
    """Put a line under a client of each library."""
    return BINDINGS[request.param]


@pytest.fixture
def ask(faulty: Served, bind: Bind, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], httpx.Response]]:
    """Ask for a list of objects, two times if need be."""
    monkeypatch.setattr(line, "TRIES", 2)
    settings = faulty.archives.alerce.model_copy(update={"deadline_s": DEADLINE_S})
    client = bind(Line("ALeRCE", settings, "ALERCE"))
    yield lambda: client.get(f"{faulty.url}{ADDRESS}")
    faulty.misbehave([])


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("http-502", "status 502"),
        ("http-503", "status 503"),
        ("http-504", "status 504"),
        ("truncated", "its body was cut short"),
        ("trickle", f"no whole answer within {DEADLINE_S:g} s"),
        ("reset", "the connection was reset"),
    ],
)
def test_a_fault_that_passes_costs_a_retry_and_one_that_stays_is_told(fault, reason, ask, faulty):
    faulty.misbehave([Fault(fault=fault, count=1)])
    assert ask().json()["items"]
    faulty.misbehave([Fault(fault=fault, rate=1)])
    with pytest.raises(Unavailable, match=reason):
        ask()


def test_a_ban_is_told_at_once(ask, faulty):
    faulty.misbehave([Fault(fault="ban", count=1)])
    with pytest.raises(Banned, match="status 403"):
        ask()
    assert ask().json()["items"]


def test_a_fault_of_the_question_is_told_with_what_was_said(bind, faulty):
    faulty.misbehave([Fault(fault="usage-fault", count=1)])
    irsa = faulty.archives.irsa
    with pytest.raises(Refused, match="status 400: UsageFault: Internal error"):
        bind(Line("IRSA", irsa, "IRSA")).get(irsa.url, params={"POS": "CIRCLE 1 1 0.1", "FORMAT": "CSV"})


def test_a_redirect_is_followed_but_not_for_ever(ask, faulty):
    faulty.misbehave([Fault(fault="redirect", count=2)])
    assert ask().json()["items"]
    faulty.misbehave([Fault(fault="redirect", rate=1)])
    with pytest.raises(Unavailable, match="redirects without end"):
        ask()
