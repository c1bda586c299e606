"""The DVC project in a home: made once, refused when broken, and its locks kept."""

from pathlib import Path

import pytest

from starloop import pipeline
from starloop.errors import BadInput, CheckFailed, StarloopError
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_json

NIGHT = Night.parse("2020-03-01")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    pipeline.open_project(home, None)
    return home


def test_a_new_home_becomes_a_dvc_project_without_git(home: Home) -> None:
    config = (home.root / ".dvc" / "config").read_text()
    assert "no_scm = True" in config
    assert "starloop" in config


def test_a_home_with_nights_and_no_dvc_state_is_refused(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.lock(NIGHT).parent.mkdir()
    home.lock(NIGHT).write_text("schema: '2.0'\nstages: {}\n")
    with pytest.raises(BadInput, match=r"its \.dvc folder is gone"):
        pipeline.open_project(home, None)
    assert not (home.root / ".dvc").exists()


def test_a_lock_file_with_merge_marks_is_refused(home: Home) -> None:
    (home.root / "dvc.lock").write_text("<<<<<<< ours\nschema: '2.0'\n=======\n")
    with pytest.raises(BadInput, match="is not a DVC lock file"):
        pipeline.open_project(home, None)


def test_standing_at_a_night_restores_its_lock_and_names_its_code(home: Home) -> None:
    home.lock(NIGHT).parent.mkdir()
    home.lock(NIGHT).write_text(
        "schema: '2.0'\nstages:\n  dataset:\n    outs:\n    - path: dataset.parquet\n      md5: abc\n"
    )
    pipeline.stand_at(home, NIGHT, "0123", "small", "simulated")
    assert pipeline.md5(home, "dataset.parquet") == "abc"
    told = pipeline.facts(home)
    assert told["night"] == "2020-03-01"
    assert told["git_revision"] == "0123"
    assert set(told["code"]) == {"checks", "features", "model", "evaluation"}


def test_a_change_in_an_earlier_night_changes_the_history_and_a_later_one_does_not(home: Home) -> None:
    def history() -> str:
        pipeline.stand_at(home, NIGHT, "0123", "small", "simulated")
        return str(pipeline.facts(home)["history"])

    empty = history()
    write_json({"rows": 1}, home.good(NIGHT.back(-1)) / "counts.json")
    assert history() == empty
    write_json({"rows": 1}, home.good(NIGHT.back(1)) / "counts.json")
    once = history()
    assert once != empty
    write_json({"rows": 2}, home.good(NIGHT.back(1)) / "counts.json")
    assert history() != once


def test_a_stage_that_fails_raises_its_own_error(home: Home) -> None:
    (home.root / "failing.py").write_text(
        "from pathlib import Path\n"
        "from starloop.nights.store import write_json\n"
        "told = {'error': 'CheckFailed', 'message': 'no detection lies in the night'}\n"
        "write_json(told, Path('stage_error.json'))\n"
        "raise SystemExit(1)\n"
    )
    (home.root / "dvc.yaml").write_text("stages:\n  check:\n    cmd: python failing.py\n")
    with pytest.raises(CheckFailed, match="no detection lies in the night"):
        pipeline.dvc(home, "repro", "check")


def test_dvc_failing_by_itself_says_what_and_where(home: Home) -> None:
    with pytest.raises(StarloopError, match=r"dvc repro nothing failed in"):
        pipeline.dvc(home, "repro", "nothing")


def test_a_stage_finds_a_sky_given_by_a_relative_path(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sky").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STARLOOP_SKY", "sky")
    (home.root / "telling.py").write_text("import os\nopen('told', 'w').write(os.environ['STARLOOP_SKY'])\n")
    (home.root / "dvc.yaml").write_text("stages:\n  tell:\n    cmd: python telling.py\n")
    pipeline.dvc(home, "repro", "tell")
    assert (home.root / "told").read_text() == str(tmp_path / "sky")
