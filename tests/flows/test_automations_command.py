"""``starloop automations`` speaks to the server of the running stack."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from prefect.client.orchestration import SyncPrefectClient

from starloop.nights.store import Home, write_json

Command = Callable[..., subprocess.CompletedProcess[str]]


def _environment(home: Path) -> dict[str, str]:
    alone = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    return {**alone, "STARLOOP_SKY": "live", "STARLOOP_HOME": str(home), "COLUMNS": "150"}


@pytest.fixture
def automations(server: str, tmp_path: Path) -> Command:
    """Run the command in a home whose stack is the test's server; this process stands in for its processes."""
    me = psutil.Process()
    rest = {"pid": me.pid, "born": me.create_time(), "log": ""}
    urls = {"prefect": server.removesuffix("/api"), "mlflow": "http://127.0.0.1:9"}
    write_json([{"name": name, "url": url, **rest} for name, url in urls.items()], Home(tmp_path).stack)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deployments", "automations", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(tmp_path))

    return run


def test_diff_ends_with_1_where_apply_would_do_something(automations: Command, client: SyncPrefectClient) -> None:
    for found in client.read_automations_by_name("starloop: bad-night"):
        client.delete_automation(found.id)
    missing = automations("diff")
    assert (missing.returncode, missing.stdout) == (1, "create starloop: bad-night\n")
    assert automations("apply").stdout == "create starloop: bad-night\n"
    assert automations("apply").stdout == "nothing to change\n"
    same = automations("diff")
    assert (same.returncode, same.stdout) == (0, "the server is as the code says\n")


def test_list_says_in_words_what_fires_and_what_is_done(automations: Command) -> None:
    lines = automations("list").stdout.splitlines()
    (drift,) = [line for line in lines if "drift-retrains" in line]
    assert "drift detected, at most once in 6 h" in drift
    assert "runs retrain" in drift
    (late,) = [line for line in lines if "nightly-late" in line]
    assert "flow-run Late of nightly" in late
    assert "sends an alert" in late


def test_without_a_server_there_is_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "deployments", "automations", "diff"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("starloop: no Prefect server runs for this sky: run `starloop up`, or set PREFECT_API_URL\n")
