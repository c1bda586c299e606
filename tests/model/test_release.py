"""Registry and endpoint move together, or both stay."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from starloop import release
from starloop.errors import BadInput, Busy, NotPromoted, RegistryDown
from starloop.model import promotions
from starloop.model.registry import Registry
from starloop.nights.store import Home
from tests.model import standin

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('release') / 'mlflow.db'}"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def registry(database: str, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Three versions; the first is the champion."""
    monkeypatch.setattr(promotions, "_LOOK_AGAIN_S", 0.05)
    fresh = standin.registry(database, 3, standin.Fuse())
    fresh.promote(1, None, why="first")
    return fresh


@pytest.fixture
def endpoint() -> standin.Endpoint:
    """It serves the first version."""
    one = standin.Endpoint(standin.Fuse())
    one.running = 1
    return one


def _moves(registry: Registry) -> list[tuple[int | None, int, str]]:
    return [(entry.old, entry.new, entry.why) for entry in registry.history()]


def test_the_champion_is_served_and_a_second_deployment_changes_nothing(
    home: Home, registry: Registry, endpoint: standin.Endpoint
) -> None:
    registry.promote(2, 1, why="better")
    assert release.deploy(home, registry, endpoint, 2) == 2
    assert release.deploy(home, registry, endpoint) == 2
    assert (endpoint.switches, len(registry.history())) == ([2], 2)


@pytest.mark.parametrize(
    ("how", "sentence"),
    [("start", "version 2 failed while it started"), ("smoke", "version 2 failed its smoke test: its version is 0")],
)
def test_a_version_that_cannot_be_served_is_taken_back_once(
    home: Home, registry: Registry, endpoint: standin.Endpoint, how: str, sentence: str
) -> None:
    registry.promote(2, 1, why="better")
    endpoint.broken[2] = how
    with pytest.raises(NotPromoted, match=f"{sentence}.*version 1 still serves, and is the champion again"):
        release.deploy(home, registry, endpoint, 2, who="worker")
    assert registry.aliases() == {"champion": 1}
    assert endpoint.running == 1
    last = registry.history()[-1]
    assert (last.old, last.new, last.who) == (2, 1, "worker")
    assert last.why.startswith(f"taken back: {sentence}")
    assert registry.versions()[2]["verdict"] == "taken back"
    with pytest.raises(BadInput, match="version 2 is not the champion any more, version 1 is"):
        release.deploy(home, registry, endpoint, 2)
    release.deploy(home, registry, endpoint)
    assert len(registry.history()) == 3


def test_a_rollback_takes_both_back_and_says_why(home: Home, registry: Registry, endpoint: standin.Endpoint) -> None:
    registry.promote(2, 1, why="better")
    release.deploy(home, registry, endpoint)
    assert release.rollback(home, registry, endpoint, why="it sees planets everywhere", who="me") == 1
    assert (registry.champion(), endpoint.running) == (1, 1)
    assert registry.history()[-1].why == "rollback: it sees planets everywhere"
    with pytest.raises(BadInput, match="no previous champion"):
        release.rollback(home, registry, endpoint)
    with pytest.raises(BadInput, match="no version 9"):
        release.rollback(home, registry, endpoint, to=9)


def test_a_rollback_that_is_about_a_version_left_already_changes_nothing(
    home: Home, registry: Registry, endpoint: standin.Endpoint
) -> None:
    registry.promote(2, 1, why="better")
    release.deploy(home, registry, endpoint)
    registry.promote(3, 2, why="better still")
    with pytest.raises(BadInput, match="version 2 is not the champion any more, version 3 is: nothing was rolled back"):
        release.rollback(home, registry, endpoint, leaving=2)
    assert (registry.champion(), len(registry.history())) == (3, 3)
    assert release.rollback(home, registry, endpoint, leaving=3) == 2


def test_a_rollback_to_a_version_that_cannot_be_served_leaves_both(
    home: Home, registry: Registry, endpoint: standin.Endpoint
) -> None:
    endpoint.broken[3] = "start"
    with pytest.raises(NotPromoted, match="version 3 failed while it started; version 1 still serves"):
        release.rollback(home, registry, endpoint, to=3)
    assert (registry.champion(), endpoint.running) == (1, 1)
    assert [new for _, new, _ in _moves(registry)] == [1, 3, 1]


def test_with_nothing_served_the_champion_stays_and_is_tried_again(
    home: Home, registry: Registry, endpoint: standin.Endpoint
) -> None:
    endpoint.running, endpoint.broken[1] = None, "smoke"
    with pytest.raises(NotPromoted, match="failed its smoke test"):
        release.deploy(home, registry, endpoint)
    assert registry.champion() == 1
    del endpoint.broken[1]
    assert release.deploy(home, registry, endpoint) == 1


def test_a_champion_that_serves_and_fails_later_is_no_bad_release(
    home: Home, registry: Registry, endpoint: standin.Endpoint
) -> None:
    endpoint.broken[1] = "smoke"
    with pytest.raises(NotPromoted, match=r"not 1$"):
        release.deploy(home, registry, endpoint)
    assert len(registry.history()) == 1


def test_an_endpoint_that_is_busy_or_a_registry_that_is_away_says_nothing_against_a_version(
    home: Home, registry: Registry, endpoint: standin.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote(2, 1, why="better")
    answers = [Busy("being switched"), RegistryDown("it is away")]
    serve = endpoint.serve

    def harder(version: int) -> int:
        if answers:
            raise answers.pop(0)
        return serve(version)

    monkeypatch.setattr(endpoint, "serve", harder)
    with pytest.raises(RegistryDown):
        release.deploy(home, registry, endpoint)
    assert answers == []
    assert registry.champion() == 2
    assert release.deploy(home, registry, endpoint) == 2


def test_an_endpoint_that_answers_with_another_version_fails_the_release(
    home: Home, registry: Registry, endpoint: standin.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote(2, 1, why="better")
    monkeypatch.setattr(endpoint, "served", lambda: 1)
    with pytest.raises(NotPromoted, match="version 2 was put behind the endpoint, but version 1 answers there"):
        release.deploy(home, registry, endpoint)


def test_releases_that_meet_wait_for_each_other_and_end_with_the_champion(
    home: Home, database: str, registry: Registry, endpoint: standin.Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve, inside = endpoint.serve, []

    def slowly(version: int) -> int:
        inside.append(version)
        assert len(inside) == 1
        time.sleep(0.2)
        inside.pop()
        return serve(version)

    monkeypatch.setattr(endpoint, "serve", slowly)
    registry.promote(2, 1, why="better")
    with ThreadPoolExecutor(4) as threads:
        told = [threads.submit(release.deploy, home, Registry(database), endpoint, 2) for _ in range(2)]
        registry.promote(3, 2, why="better still")
        told += [threads.submit(release.deploy, home, Registry(database), endpoint, 3) for _ in range(2)]
        ended = [one.exception() for one in told]
    assert ended[2:] == [None, None]
    assert {type(wrong) for wrong in ended[:2]} <= {type(None), BadInput}
    assert (endpoint.running, registry.champion(), len(registry.history())) == (3, 3, 3)
