"""Ledgers and locks on a branch of their own."""

import subprocess
from pathlib import Path

import pytest

from starloop import branch
from starloop.nights.calendar import Night
from starloop.nights.store import Home

NIGHT = Night.parse("2020-03-01")


def test_a_night_is_committed_to_its_branch_once_and_the_work_tree_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, home = tmp_path / "code", Home(tmp_path / "home")
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "test")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "test@localhost")

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(code), *words], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    code.mkdir()
    git("init", "-q")
    monkeypatch.setattr(branch, "ROOT", code)
    home.ledger(NIGHT).parent.mkdir(parents=True)
    home.ledger(NIGHT).write_text('{"night": "2020-03-01"}\n')
    home.lock(NIGHT).write_text("stages: {}\n")

    branch.commit(home, NIGHT, "small", "data")
    branch.commit(home, NIGHT, "small", "data")
    assert git("log", "--format=%s", "data") == "small: night 2020-03-01"
    assert git("ls-tree", "-r", "--name-only", "data").splitlines() == [
        "small/2020-03-01.dvc.lock",
        "small/2020-03-01.json",
    ]
    home.lock(NIGHT).write_text("stages: {a: 1}\n")
    branch.commit(home, NIGHT, "small", "data")
    assert len(git("log", "--format=%s", "data").splitlines()) == 2
    assert git("status", "--porcelain") == ""
