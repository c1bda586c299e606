"""A real build, real serving processes, and switches between them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from starloop.endpoint import build, client, process, smoke, switch
from starloop.errors import BadInput, NotPromoted
from starloop.nights.store import Home

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    place = Home(tmp_path_factory.mktemp("home"))
    yield place
    switch.stop(place)


@pytest.fixture(scope="module")
def first(home: Home, toy_model: Path) -> switch.Served:
    """Version 1, deployed."""
    return switch.deploy(home, build.build(home, toy_model, 1), 1)


def _broken(home: Home, toy_model: Path, version: int, folder: Path) -> str:
    """A Bento that builds and then does not start: its bundle wants features this code does not have."""
    shutil.copytree(toy_model, folder)
    facts = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps(facts | {"feature_schema": "of another code"}))
    return build.build(home, folder, version)


def test_a_model_is_built_into_a_bento_without_the_rest_of_the_project(first: switch.Served, home: Home) -> None:
    assert first.tag == "starloop:v1"
    source = build.path_of(home, first.tag) / "src"
    assert (source / "model" / "booster.ubj").is_file()
    packed = {path.relative_to(source).parts[1] for path in source.glob("starloop/*")}
    assert packed == {"__init__.py", "errors.py", "endpoint", "features", "model"}


def test_the_served_version_answers_from_its_own_bento(first: switch.Served, home: Home) -> None:
    assert client.model(first.url)["version"] == 1
    assert len(client.classify(first.url, smoke.known())) == 3
    assert switch.current(home) == first
    assert (home.answers / "predictions-v1.jsonl").is_file()
    for path in ("/healthz", "/readyz", "/metrics", "/"):
        assert httpx.get(first.url + path, trust_env=False).status_code == 200, path
    assert "starloop_answers_total" in httpx.get(first.url + "/metrics", trust_env=False).text


def test_the_client_names_the_field_the_endpoint_refuses(first: switch.Served) -> None:
    curve = smoke.known()[0]
    curve["band"][4] = "z"
    with pytest.raises(BadInput, match=r"\[0\]\.band\[4\]"):
        client.classify(first.url, [curve])


def test_building_the_same_again_keeps_the_bento(first: switch.Served, home: Home, toy_model: Path) -> None:
    made = build.path_of(home, first.tag).stat().st_ctime_ns
    assert build.build(home, toy_model, 1) == first.tag
    assert build.path_of(home, first.tag).stat().st_ctime_ns == made


def test_deploying_what_serves_already_starts_nothing(first: switch.Served, home: Home) -> None:
    assert switch.deploy(home, first.tag, 1) == first


def test_a_version_that_does_not_start_leaves_the_old_one_serving(
    first: switch.Served, home: Home, toy_model: Path, tmp_path: Path
) -> None:
    tag = _broken(home, toy_model, 9, tmp_path / "broken")
    started: list[process.Served] = []
    original = process.start
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(process, "start", lambda *a: started.append(original(*a)) or started[-1])
        with pytest.raises(NotPromoted, match="version 9"):
            switch.deploy(home, tag, 9)
    assert not started[0].alive
    assert switch.current(home) == first
    assert client.model(first.url)["version"] == 1


def test_a_bento_that_answers_with_another_version_is_not_switched_to(first: switch.Served, home: Home) -> None:
    with pytest.raises(NotPromoted, match="its version is 1, not 5"):
        switch.deploy(home, first.tag, 5)
    assert switch.current(home) == first


def test_a_tag_without_a_bento_is_refused(first: switch.Served, home: Home) -> None:
    with pytest.raises(NotPromoted, match="no Bento starloop:v404"):
        switch.deploy(home, "starloop:v404", 404)


def test_a_switch_keeps_the_previous_process_warm_and_a_rollback_takes_it_back(
    first: switch.Served, home: Home, toy_model: Path, other_toy_model: Path
) -> None:
    second = switch.deploy(home, build.build(home, other_toy_model, 2), 2)
    assert (second.version, second.previous) == (2, first)
    assert client.model(second.url)["dataset_md5"] == "b" * 32
    assert "starloop_answers_total" in httpx.get(first.url + "/metrics", trust_env=False).text

    back = switch.deploy(home, first.tag, 1)
    assert (back.pid, back.url) == (first.pid, first.url)
    assert back.previous is not None
    assert back.previous.pid == second.pid

    third = switch.deploy(home, build.build(home, toy_model, 3), 3)
    assert third.previous is not None
    assert third.previous.pid == first.pid
    assert not second.alive

    switch.stop(home)
    assert switch.current(home) is None
    assert not first.alive
    assert not third.alive
    with pytest.raises(httpx.ConnectError):
        httpx.get(third.url + "/readyz", trust_env=False)


def test_a_pid_that_now_belongs_to_another_process_is_not_stopped(tmp_path: Path) -> None:
    import os

    stranger = switch.Served(
        url="http://127.0.0.1:9",
        pid=os.getpid(),
        born=1.0,
        name="stranger",
        version=1,
        tag="t",
        content="c",
        log=str(tmp_path / "l"),
    )
    assert not stranger.alive
    stranger.stop()


def test_a_model_folder_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"booster\.ubj is missing"):
        build.build(Home(tmp_path / "home"), tmp_path, 1)
