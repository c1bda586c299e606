"""A share of real requests to a new version, before the switch."""

import time
from pathlib import Path

import pytest

from starloop.endpoint import build, client, switch
from starloop.endpoint.config import Canary
from starloop.errors import NotPromoted
from starloop.nights.store import Home
from tests.bench_switch.load import load, read
from tests.endpoint import toys

pytestmark = pytest.mark.timeout(600)
TRIAL = Canary(share=50, answers=20, seconds=60, slower=10)


def test_a_version_that_decides_otherwise_is_refused_and_the_old_one_answers(
    first: switch.Served, home: Home, tmp_path: Path
) -> None:
    tag = build.build(home, toys.toy_model(tmp_path / "model", "c" * 32, opposite=True), 3)
    with load(first.url, 10, tmp_path / "seen"):
        with pytest.raises(NotPromoted, match=r"version 3 was refused on 50 % .*: the old version agrees with 0% of"):
            switch.deploy(home, tag, 3, trial=TRIAL)
        assert switch.current(home) == first
        assert client.model(first.url)["version"] == 1
    seen = read(tmp_path / "seen")
    assert [one for one in seen if one["status"] != 200] == []
    assert {one["version"] for one in seen} == {1, 3}


def test_a_version_that_fails_on_real_requests_is_refused(
    first: switch.Served, home: Home, toy_model: Path, tmp_path: Path
) -> None:
    tag = toys.failing_later(home, toy_model, 4)
    with load(first.url, 10, tmp_path / "seen"):
        with pytest.raises(NotPromoted, match=r"100\.0% of its requests failed, 0\.0% of the old version's"):
            switch.deploy(home, tag, 4, trial=TRIAL.model_copy(update={"seconds": 3}))
        after = time.time()
        assert switch.current(home) == first
    seen = read(tmp_path / "seen")
    assert {one["status"] for one in seen} == {200, 500}
    assert {one["status"] for one in seen if one["due"] > after} <= {200}


def test_a_version_that_agrees_takes_over(
    first: switch.Served, home: Home, other_toy_model: Path, tmp_path: Path
) -> None:
    tag = build.build(home, other_toy_model, 2)
    with load(first.url, 10, tmp_path / "seen"):
        now = switch.deploy(home, tag, 2, trial=TRIAL)
    assert (now.version, now.url) == (2, first.url)
    assert client.model(now.url)["version"] == 2
    assert [one for one in read(tmp_path / "seen") if one["status"] != 200] == []
