"""The ledger of promotions, on a real MLflow: with SQLite, and once behind a real server."""

import socket
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from starloop import processes
from starloop.errors import BadInput, NotPromoted
from starloop.model import promotions
from starloop.model.promotions import BY_HAND, Promotions
from starloop.model.registry import MODEL, Registry
from tests.model import racing

if TYPE_CHECKING:
    from mlflow import MlflowClient

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(autouse=True)
def _look_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotions, "_LOOK_AGAIN_S", 0.05)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('promotions') / 'mlflow.db'}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = tmp_path_factory.mktemp("server")
    running = processes.start(
        "MLflow",
        [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
         "--backend-store-uri", f"sqlite:///{home / 'mlflow.db'}"],
        log=home / "log",
        url=f"http://127.0.0.1:{port}",
        environment={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        folder=home,
    )  # fmt: skip
    try:
        processes.wait_healthy(running, "/health", deadline_s=180)
        yield running.url
    finally:
        running.stop()


@pytest.fixture
def registry(database: str) -> Registry:
    return racing.registry(database)


@pytest.fixture
def client(database: str) -> "MlflowClient":
    return racing.client(database)


def _moves(registry: Registry) -> list[tuple[int | None, int, str]]:
    return [(entry.old, entry.new, entry.why) for entry in registry.history()]


def test_of_promotions_that_race_in_processes_exactly_one_wins_each_round(database: str) -> None:
    racing.told_of_a_race(database, racers=3, rounds=6)


def test_the_same_holds_behind_a_server(server: str) -> None:
    racing.told_of_a_race(server, racers=2, rounds=4)


def test_the_ledger_says_who_when_why_from_and_to(registry: Registry) -> None:
    registry.promote(1, None, why="first champion", who="nightly")
    registry.promote(3, 1, why="drift")
    registry.rollback(who="me")
    assert _moves(registry) == [(None, 1, "first champion"), (1, 3, "drift"), (3, 1, "rollback")]
    first, second, third = registry.history()
    assert (first.who, second.who, third.who) == ("nightly", promotions.user(), "me")
    assert first.when <= second.when <= third.when


def test_an_entry_written_in_ignorance_of_another_is_void(registry: Registry, client: "MlflowClient") -> None:
    registry.promote(1, None, why="first")
    (known,) = registry.history()
    registry.promote(2, 1, why="faster")
    late = Promotions(client, MODEL)
    assert not late._append(known.number, 1, 3, "late", "slower")
    assert _moves(registry) == [(None, 1, "first"), (1, 2, "faster")]
    assert registry.settle() == 2


def test_a_promotion_cut_short_after_its_entry_is_finished_by_the_next_to_look(
    registry: Registry, client: "MlflowClient", monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.promote(1, None, why="first")
    with monkeypatch.context() as broken:
        broken.setattr(Promotions, "_set", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            registry.promote(2, 1, why="cut short")
    assert registry.champion() == 1
    assert _registry_at(client).settle() == 2
    assert registry.aliases() == {"champion": 2, "previous": 1}
    assert _moves(registry) == [(None, 1, "first"), (1, 2, "cut short")]
    registry.promote(2, 1, why="asked for again")
    assert len(registry.history()) == 2


@pytest.mark.parametrize(
    "write", ["set_registered_model_alias", "delete_registered_model_alias", "set_model_version_tag"]
)
def test_one_of_two_that_write_the_same_at_once_is_refused_by_the_database_and_goes_on(
    registry: Registry, client: "MlflowClient", write: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow.exceptions import MlflowException
    from mlflow.protos.databricks_pb2 import BAD_REQUEST

    client.set_registered_model_alias(MODEL, "challenger", "2")
    real, refused = getattr(type(client), write), []

    def written_by_another_meanwhile(here: "MlflowClient", *what: str) -> None:
        real(here, *what)
        if not refused:
            refused.append(what)
            raise MlflowException("UNIQUE constraint failed", error_code=BAD_REQUEST)

    monkeypatch.setattr(type(client), write, written_by_another_meanwhile)
    registry.promote(2, None, why="first")
    assert refused
    assert registry.aliases() == {"champion": 2}
    assert [entry.followed for entry in registry.history()] == [True]


def _registry_at(client: "MlflowClient") -> Registry:
    return Registry(client.tracking_uri)


def test_a_first_promotion_cut_short_is_finished_too(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Promotions, "_set", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            registry.promote(4, None, why="cut short")
    assert registry.champion() is None
    assert registry.settle() == 4


def test_an_alias_moved_by_hand_is_obeyed_and_written_down(registry: Registry, client: "MlflowClient") -> None:
    registry.promote(1, None, why="first")
    registry.promote(2, 1, why="better")
    client.set_registered_model_alias(MODEL, "champion", "1")
    with pytest.raises(NotPromoted, match="the champion is version 1, not 2"):
        registry.promote(3, 2, why="compared with the other one")
    registry.promote(3, 1, why="compared again")
    assert _moves(registry)[2:] == [(2, 1, BY_HAND), (1, 3, "compared again")]
    assert registry.champion() == 3


def test_a_champion_older_than_the_ledger_is_its_first_entry(registry: Registry, client: "MlflowClient") -> None:
    client.set_registered_model_alias(MODEL, "previous", "1")
    client.set_registered_model_alias(MODEL, "champion", "2")
    assert registry.rollback() == 1
    assert _moves(registry) == [(1, 2, BY_HAND), (2, 1, "rollback")]


def test_a_champion_alias_that_was_taken_away_is_set_again(registry: Registry, client: "MlflowClient") -> None:
    registry.promote(1, None, why="first")
    client.delete_registered_model_alias(MODEL, "champion")
    assert registry.settle() == 1
    assert len(registry.history()) == 1


def test_a_champion_whose_version_was_deleted_leaves_the_place_free(registry: Registry, client: "MlflowClient") -> None:
    registry.promote(1, None, why="first")
    registry.promote(2, 1, why="better")
    client.delete_model_version(MODEL, "2")
    assert registry.settle() is None
    assert registry.rollback() == 1
    assert registry.champion() == 1


def test_what_was_gone_back_from_is_not_offered_again(registry: Registry, client: "MlflowClient") -> None:
    for new, old in ((1, None), (2, 1), (3, 2), (4, 3)):
        registry.promote(new, old, why="better")
    assert registry.rollback() == 3
    assert registry.rollback() == 2
    assert registry.aliases() == {"champion": 2, "previous": 1}
    registry.promote(5, 2, why="better")
    client.delete_model_version(MODEL, "2")
    assert registry.rollback() == 1
    with pytest.raises(BadInput, match="no previous champion"):
        registry.rollback()
    assert registry.rollback(4) == 4
    assert registry.aliases() == {"champion": 4, "previous": 1}


def test_an_entry_deleted_by_hand_does_not_void_those_after_it(registry: Registry, client: "MlflowClient") -> None:
    for new, old in ((1, None), (2, 1), (3, 2)):
        registry.promote(new, old, why="better")
    client.delete_model_version(promotions.LEDGER, "2")
    assert _moves(registry) == [(None, 1, "better"), (2, 3, "better")]
    registry.promote(4, 3, why="better")
    assert registry.champion() == 4
