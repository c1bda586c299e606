"""Runs that meet at DVC wait for each other, and what they made can be found by its MD5."""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from starloop import pipeline
from starloop.errors import StarloopError
from starloop.nights.store import Home

STAGE = """
import pathlib, time
pathlib.Path("begun").touch()
time.sleep(6)
pathlib.Path("dataset.parquet").write_text("dataset")
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose only stage takes longer than DVC waits by itself."""
    home = Home(tmp_path / "home")
    pipeline.open_project(home, None)
    (home.root / "stage.py").write_text(STAGE)
    stage = {"cmd": f"{sys.executable} stage.py", "outs": [home.dataset.name]}
    (home.root / "dvc.yaml").write_text(json.dumps({"stages": {"dataset": stage}}))
    return home


RUN = """
import sys
from pathlib import Path
from starloop import pipeline
from starloop.errors import StarloopError
from starloop.nights.store import Home
from starloop.settings import Settings
from starloop.workspace import Workspace
place = Workspace(Settings(), None, Home(Path(sys.argv[1])))
with place.alone():
    pipeline.dvc(place.home, "repro", "dataset")
"""


def _start(home: Home, code: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-c", code, str(home.root)]
    return subprocess.Popen(words, stderr=subprocess.PIPE, text=True, cwd=pipeline.ROOT)


def test_two_runs_at_once_wait_for_each_other_and_none_fails(home: Home) -> None:
    for running in [_start(home, RUN), _start(home, RUN)]:
        _, said = running.communicate()
        assert running.returncode == 0, said
    md5 = pipeline.md5(home, "dataset.parquet")
    assert md5
    assert md5 == hashlib.md5(home.dataset.read_bytes(), usedforsecurity=False).hexdigest()
    assert pipeline.cached(home, md5).read_text() == "dataset"


def test_a_run_that_meets_dvc_started_by_hand_says_who_is_in_its_way(home: Home) -> None:
    by_hand = subprocess.Popen([sys.executable, "-m", "dvc", "repro", "--quiet"], cwd=home.root)
    try:
        begun = home.root / "begun"
        until = time.monotonic() + 60
        while not begun.exists():
            assert time.monotonic() < until
            time.sleep(0.1)
        with pytest.raises(StarloopError, match=rf"is busy, it is being blocked by.*{by_hand.pid}"):
            pipeline.dvc(home, "repro", "dataset")
    finally:
        assert by_hand.wait(60) == 0
