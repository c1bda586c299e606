"""The starloop command: help that teaches, and bad input answered by one sentence and exit code 2."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments.cli import app

COMMANDS = (
    "nightly", "backfill", "retrain", "deploy", "rollback", "drift", "classify", "up", "down", "status", "doctor",
    "sky", "explain", "evaluate", "history", "automations", "alerts",
)  # fmt: skip


def _starloop(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deployments", *words],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "STARLOOP_ALLOW_DIRTY": "1", "COLUMNS": "120", **environment},
    )


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(app, [*command.split(), "--help"], terminal_width=120)
    assert done.exit_code == 0
    assert "Usage: " in done.stdout
    assert all(name in done.stdout for name in (COMMANDS if not command else (command,)))


def test_it_is_a_program() -> None:
    done = _starloop("--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: " in done.stdout


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        (("nightly", "2019-12-31"), {}, "is before the sky embedded begins: its first night is 2020-01-04"),
        (("nightly", "2031-01-01"), {}, "is in the future of the sky embedded: its last night is 2020-06-30"),
        (("nightly", "soon"), {}, "night 'soon' is not a date: write it as YYYY-MM-DD"),
        (("backfill", "2020-06-02", "2020-06-01"), {}, "the backfill ends (2020-06-01) before it begins (2020-06-02)"),
        (("nightly",), {"STARLOOP_SKY": "no/such/sky"}, "is neither `embedded`, `live` nor a folder"),
        (("classify", "ZTF18aaaaaaa"), {}, "no endpoint runs for the sky embedded"),
        (("sky", "serve", "nowhere"), {}, "is not a sky directory"),
        (("sky", "serve", "nowhere", "--fault", "gremlins"), {}, "gremlins"),
        (("sky", "check"), {"STARLOOP_RECORDED_SKY": "nowhere"}, "nowhere is not a sky directory"),
        (("evaluate",), {"STARLOOP_RECORDED_SKY": "nowhere"}, "nowhere is not a sky directory"),
        (("sky", "gallery", "nowhere", "--out", "page.png"), {}, "nowhere is not a sky directory"),
        (("retrain",), {}, "holds no processed night"),
        (("explain", "0" * 32), {}, f"no prediction has the id {'0' * 32}"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    words: tuple[str, ...], environment: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    done = _starloop(*words, **{"STARLOOP_HOME": str(tmp_path / "home"), **environment})
    assert done.returncode == 2
    assert done.stderr.startswith("starloop: ")
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not list((tmp_path / "home").glob("raw/*"))


def test_an_archive_that_is_down_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    down = {f"STARLOOP_ARCHIVES__{name}__URL": "http://127.0.0.1:9" for name in ("ALERCE", "MAST", "IRSA", "BTS")}
    done = _starloop("nightly", "2020-06-01", STARLOOP_SKY="live", STARLOOP_HOME=str(tmp_path / "home"), **down)
    assert done.returncode == 2
    assert "ALeRCE at http://127.0.0.1:9 cannot be used (connection refused)" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "home" / "raw").exists()
    assert not (tmp_path / "home" / "mlflow.db").exists()
