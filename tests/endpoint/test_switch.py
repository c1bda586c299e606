"""A real build, real serving processes, and switches between them."""

from pathlib import Path

import httpx
import pytest
from filelock import FileLock

from starloop.endpoint import build, client, health, process, proxy, smoke, switch
from starloop.errors import BadInput, NotPromoted
from starloop.nights.store import Home
from tests.bench_switch.load import load, read
from tests.endpoint import toys

pytestmark = pytest.mark.timeout(600)


def test_a_model_is_built_into_a_bento_without_the_rest_of_the_project(first: switch.Served, home: Home) -> None:
    assert first.tag == "starloop:v1"
    source = build.path_of(home, first.tag) / "src"
    assert (source / "model" / "booster.ubj").is_file()
    packed = {path.relative_to(source).parts[1] for path in source.glob("starloop/*")}
    assert packed == {"__init__.py", "errors.py", "endpoint", "features", "model"}


def test_the_served_version_answers_from_its_own_bento(first: switch.Served, home: Home) -> None:
    assert client.model(first.url)["version"] == 1
    nowhere = httpx.get(f"{first.url}/nowhere", headers={"X-Request-ID": "the-run-of-today"}, trust_env=False)
    assert nowhere.headers["X-Request-ID"] == "the-run-of-today"
    assert len(client.classify(first.url, smoke.known())) == 3
    assert "the-run-of-today GET /nowhere 404" in Path(first.log).read_text()
    assert switch.current(home) == first
    log = home.answers / "predictions-v1-1.jsonl"
    assert log.read_bytes() == b""  # nobody asks for the smoke test's answers again
    (answer,) = client.classify(first.url, [smoke.known()[0] | {"id": "mine"}])
    assert answer["prediction_id"] in log.read_text()
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
    tag = toys.crashing(home, toy_model, 9, tmp_path / "broken")
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


def test_a_version_that_answers_wrongly_is_not_switched_to(first: switch.Served, home: Home, toy_model: Path) -> None:
    with pytest.raises(NotPromoted, match=r"version 8 failed .*: RRL has probability .*, the packed model says"):
        switch.deploy(home, toys.lying(home, toy_model, 8), 8)
    assert switch.current(home) == first
    assert client.model(first.url)["version"] == 1


def test_a_version_that_is_slower_than_asked_is_not_switched_to(first: switch.Served, home: Home) -> None:
    with pytest.raises(NotPromoted, match="one light curve takes"):
        switch.deploy(home, first.tag, 1, answer_within_s=1e-6)
    now = switch.current(home)
    assert now == first


def test_a_second_switch_at_the_same_time_is_refused(first: switch.Served, home: Home) -> None:
    with FileLock(home.endpoint / ".lock"):
        with pytest.raises(NotPromoted, match="is being switched by another run; repeat this one afterwards"):
            switch.deploy(home, first.tag, 1)
        well = health.look(home)
    assert well is not None
    assert well.ok


def test_no_request_fails_while_versions_are_switched_and_rolled_back_at_one_address(
    first: switch.Served, home: Home, toy_model: Path, other_toy_model: Path, tmp_path: Path
) -> None:
    second_tag, third_tag = build.build(home, other_toy_model, 2), build.build(home, toy_model, 3)
    with load(first.url, 20, tmp_path / "seen"):
        second = switch.deploy(home, second_tag, 2)
        assert (second.version, second.previous) == (2, first)
        assert client.model(second.url)["dataset_md5"] == "b" * 32
        warm = httpx.get(first.own_url + "/metrics", trust_env=False, timeout=60)
        assert "starloop_answers_total" in warm.text

        back = switch.deploy(home, first.tag, 1)
        assert back.pid == first.pid
        assert back.previous is not None
        assert back.previous.pid == second.pid

        third = switch.deploy(home, third_tag, 3)
        assert third.previous is not None
        assert third.previous.pid == first.pid
        assert not second.alive
    assert {one.url for one in (second, back, third)} == {first.url}
    seen = read(tmp_path / "seen")
    assert [one for one in seen if one["status"] != 200] == []
    # Requests on two connections may overtake each other by milliseconds, so the order itself is not asked for.
    assert {one["version"] for one in seen} == {1, 2, 3}
    assert (seen[0]["version"], seen[-1]["version"]) == (1, 3)


def test_stop_leaves_no_process(home: Home, first: switch.Served) -> None:
    last = switch.current(home)
    assert last is not None
    switch.stop(home)
    assert switch.current(home) is None
    assert health.look(home) is None
    assert not last.alive
    assert proxy.running(home) is None
    with pytest.raises(httpx.ConnectError):
        httpx.get(first.url + "/readyz", trust_env=False)


def test_a_pid_that_now_belongs_to_another_process_is_not_stopped(tmp_path: Path) -> None:
    import os

    stranger = switch.Served(
        url="http://127.0.0.1:9",
        own_url="http://127.0.0.1:9",
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
