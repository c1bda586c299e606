"""Looking after the endpoint: what the flow does with what a look and a restart find."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.filters import EventFilter, EventNameFilter

from flows.watch import watch
from starloop import settings, workspace
from starloop.endpoint import health, switch
from starloop.endpoint.health import Health
from starloop.errors import NotPromoted
from starloop.nights.store import Home

WELL = Health(version=3, url="http://127.0.0.1:3000", ok=True, what="version 3 answers")
_WRITTEN_S = 7
"""The server writes events down every five seconds."""
ILL = Health(version=3, url="http://127.0.0.1:3000", ok=False, what="it answers 500")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A home where nothing is deployed; no sky is needed for it."""
    monkeypatch.setenv("STARLOOP_HOME", str(tmp_path))
    monkeypatch.setenv("STARLOOP_SKY", "live")
    settings.load.cache_clear()
    workspace.current.cache_clear()
    yield
    settings.load.cache_clear()
    workspace.current.cache_clear()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Decide what the looks find, one after the other, and whether a restart works; gives what was done."""

    def decide(*looks: Health, restart: str | None = None) -> list[str]:
        done: list[str] = []
        to_come = iter(looks)

        def look(_: Home) -> Health:
            done.append("look")
            return next(to_come)

        def again(_: Home) -> None:
            done.append("restart")
            if restart:
                raise NotPromoted(restart)

        monkeypatch.setattr(health, "look", look)
        monkeypatch.setattr(switch, "restart", again)
        return done

    return decide


def _emitted(client: SyncPrefectClient) -> list[dict[str, object]]:
    time.sleep(_WRITTEN_S)
    name = EventNameFilter(name=["starloop.endpoint.unhealthy"])
    return [event.payload for event in client.read_events(EventFilter(event=name), limit=50).events]


def test_where_nothing_is_deployed_nothing_is_done(server: str) -> None:
    assert watch() == {"seen": None, "restarted": False, "event": None}


def test_a_healthy_endpoint_is_left_alone(server: str, found: Callable[..., list[str]]) -> None:
    done = found(WELL)
    told = watch()
    assert (done, told["restarted"], told["event"]) == (["look"], False, None)


def test_an_endpoint_that_a_restart_heals_raises_no_alarm(
    client: SyncPrefectClient, found: Callable[..., list[str]]
) -> None:
    done = found(ILL, WELL)
    told = watch()
    assert (done, told["seen"]["ok"], told["event"]) == (["look", "restart", "look"], True, None)
    assert _emitted(client) == []


def test_one_that_a_restart_does_not_heal_is_told_with_all_that_is_wrong(
    client: SyncPrefectClient, found: Callable[..., list[str]]
) -> None:
    done = found(ILL, ILL, restart="version 3 failed while it started")
    told = watch()
    assert (done, told["event"]) == (["look", "restart", "look"], "starloop.endpoint.unhealthy")
    what = "it answers 500; the restart: version 3 failed while it started"
    assert _emitted(client) == [{"version": 3, "url": "http://127.0.0.1:3000", "what": what}]
