"""`starloop sky make`: says what it made and what it cost, and refuses in one sentence."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from deployments.cli import app

SHORT = ["--objects", "50", "--first", "2020-06-01", "--last", "2020-06-30", "--classes", "RRAB, EW", "--tess", "0"]


def test_it_prints_the_rows_of_each_table_the_time_and_the_memory(tmp_path):
    out = tmp_path / "sky"
    asked = ["--scenario", "zero-point:2020-06-20", "--scenario", "flood:2020-06-25"]
    told = CliRunner().invoke(app, ["sky", "make", "--out", str(out), *SHORT, *asked])
    assert told.exit_code == 0, told.output
    lines = told.stdout.splitlines()
    assert lines[0].startswith(f"{out}: MJD 590")
    assert lines[0].endswith("origin: simulated")
    assert [line.split()[0] for line in lines[1:]] == [
        "objects", "detections", "non_detections", "releases", "tess", "catalogues", "sha256", "took",
    ]  # fmt: skip
    assert "peak memory" in lines[-1]
    facts = json.loads((out / "sky.json").read_text())
    assert [(told["kind"], told["answer"]) for told in facts["scenarios"]] == [
        ("zero-point", "archive"),
        ("flood", "bad_night"),
    ]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["--scenario", "quake:2020-06-01"], "scenario 'quake:2020-06-01' is not known"),
        (["--classes", "RRAB,PULSAR"], "class 'PULSAR' is not known"),
        (["--objects", "-5"], "a sky of -5 objects"),
        (["--first", "2021-06-30", "--last", "2018-07-01"], "give the earlier night first"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(tmp_path, asked, told):
    program = "import sys; from deployments.cli import main; sys.argv = ['starloop', *sys.argv[1:]]; main()"
    ended = subprocess.run(
        [sys.executable, "-c", program, "sky", "make", "--out", str(tmp_path / "sky"), *asked],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert ended.stdout == ""
    assert not list(tmp_path.iterdir())
