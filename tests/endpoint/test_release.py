"""Releases with a real registry and real serving processes, also while the registry is away."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from starloop import release
from starloop.endpoint import client, smoke, switch
from starloop.errors import NotPromoted, StarloopError
from starloop.nights.store import Home
from starloop.settings import Ports, Settings
from starloop.workspace import Workspace

pytestmark = pytest.mark.timeout(600)
WATCHED = (
    "bentoml_service_request_total",
    "bentoml_service_request_in_progress",
    "bentoml_service_request_duration_seconds_bucket",
    "starloop_answers_total",
)
"""The metrics dashboards are made of."""


# The tests follow each other on one registry and one endpoint: a process takes seconds to start.
@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    settings = Settings(mlflow_uri=None, ports=Ports(endpoint=0), target="local")
    one = Workspace(settings, None, Home(tmp_path_factory.mktemp("home")))
    yield one
    switch.stop(one.home)


def _promoted(place: Workspace, model: Path) -> int:
    evaluation = place.home.root / "evaluation"
    evaluation.mkdir(exist_ok=True)
    (evaluation / "metrics.json").write_text("{}")
    registry = place.registry()
    version = registry.register(model, evaluation)
    registry.promote(version, registry.champion(), why="better")
    return version


def _deploy(place: Workspace, version: int | None = None) -> None:
    release.deploy(place.home, place.registry(), place, version)


def _card(place: Workspace) -> dict[str, Any]:
    served = place.endpoint()
    assert served is not None
    return client.model(served.url)


def test_the_endpoint_tells_what_the_registry_knows_of_the_champion(place: Workspace, toy_model: Path) -> None:
    assert place.served() is None
    _deploy(place, _promoted(place, toy_model))
    card, registry = _card(place), place.registry()
    assert card["version"] == registry.history()[-1].new == 1
    tags = registry.versions()[1]
    for name in ("dataset_md5", "git_revision", "feature_schema", "night", "sky", "origin"):
        assert card[name] == tags[name]


def test_a_smoke_test_that_gets_no_answer_once_does_not_undo_a_promotion(
    place: Workspace, other_toy_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, failed = client.classify, []

    def flaky(url: str, *words: Any) -> list[dict[str, Any]]:
        if not failed:
            failed.append(url)
            raise StarloopError("the endpoint does not answer (ReadTimeout)")
        return ask(url, *words)

    monkeypatch.setattr(client, "classify", flaky)
    _deploy(place, _promoted(place, other_toy_model))
    assert failed
    assert (place.registry().champion(), place.served()) == (2, 2)
    assert [entry.new for entry in place.registry().history()] == [1, 2]


def test_a_version_that_does_not_start_is_taken_back_once(place: Workspace, toy_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(toy_model, tmp_path / "model")
    facts = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps(facts | {"feature_schema": "of another code"}))
    version = _promoted(place, folder)
    with pytest.raises(NotPromoted, match=r"version 3 failed while it started.*version 2 still serves"):
        _deploy(place, version)
    assert (place.registry().champion(), place.served()) == (2, 2)
    moves = [(entry.new, entry.why.partition(":")[0]) for entry in place.registry().history()]
    assert moves[1:] == [(2, "better"), (3, "better"), (2, "taken back")]


def test_a_smoke_test_that_stays_dead_is_taken_back_too(
    place: Workspace, toy_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_: Any) -> list[dict[str, Any]]:
        raise StarloopError("the endpoint does not answer (ReadTimeout)")

    place.registry().promote(1, 2, why="better")
    with monkeypatch.context() as broken:
        broken.setattr(client, "classify", dead)
        with pytest.raises(NotPromoted, match=r"version 1 failed its smoke test.*version 2 still serves"):
            _deploy(place, 1)
    assert (place.registry().champion(), place.served()) == (2, 2)
    assert [entry.new for entry in place.registry().history()][-2:] == [1, 2]


def test_registry_and_endpoint_go_back_together(place: Workspace) -> None:
    served = release.rollback(place.home, place.registry(), place, why="by the test", who="me")
    assert (place.registry().champion(), place.served(), served.version) == (1, 1, 1)
    assert place.registry().history()[-1].why == "rollback: by the test"


def test_the_endpoint_starts_and_answers_as_before_with_the_registry_down(place: Workspace) -> None:
    before, served = _card(place), switch.current(place.home)
    assert served is not None
    place.home.mlflow_db.rename(place.home.root / "away.db")
    shutil.move(place.home.artifacts, place.home.root / "away")
    os.kill(served.pid, signal.SIGKILL)
    psutil.wait_procs([psutil.Process(served.pid)] if psutil.pid_exists(served.pid) else [], timeout=10)
    again = switch.restart(place.home)
    assert again.pid != served.pid
    assert _card(place) == before
    curves = smoke.known()
    assert {answer["model_version"] for answer in client.classify(again.url, curves)} == {1}
    told = httpx.get(f"{again.url}/metrics", trust_env=False).text
    assert [name for name in WATCHED if name not in told] == []
    assert not place.home.mlflow_db.exists()
