"""One whole night from the command line, twice, and what is left standing."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from starloop import pipeline
from starloop.endpoint import client
from starloop.nights.store import Home, digest
from tests.e2e import planted

NIGHT = "2020-06-30"
Run = Callable[..., subprocess.CompletedProcess[str]]
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("e2e") / "home"


@pytest.fixture(scope="module")
def said() -> list[str]:
    """Everything the commands have printed."""
    return []


@pytest.fixture(scope="module")
def run(home: Path, said: list[str]) -> Iterator[Run]:
    environment = {
        **os.environ,
        "STARLOOP_ALLOW_DIRTY": "1",
        "STARLOOP_HOME": str(home),
        "STARLOOP_PORTS__ENDPOINT": "0",
        **planted.SECRETS,
        **planted.TALKATIVE,
    }
    environment.pop("PREFECT_API_URL", None)

    def command(*words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "deployments", *words],
            capture_output=True,
            text=True,
            env=environment,
            timeout=400,
            check=False,
        )
        said.append(done.stdout + done.stderr)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    yield command
    command("down")


@pytest.fixture(scope="module")
def first(run: Run) -> str:
    return run("nightly", NIGHT).stdout


def test_a_night_prints_ledger_metrics_champion_endpoint_and_report(first: str, home: Path) -> None:
    assert "origin: simulated" in first
    assert "balanced: requested = received + empty + failed" in first
    assert "macro-F1" in first
    assert "champion: version 1" in first
    assert re.search(r"endpoint: http://127\.0\.0\.1:\d+ serves version 1", first)
    assert f"report: {home}/reports/{NIGHT}.html" in first
    assert "<html" in (home / "reports" / f"{NIGHT}.html").read_text()


def test_the_same_night_again_changes_no_byte_of_data_and_no_version(first: str, run: Run, home: Path) -> None:
    def state() -> dict[str, str]:
        kept = (
            "raw",
            "good",
            "quarantine",
            "ledger",
            "features",
            "predictions",
            "dataset.parquet",
            "model",
            "dvc.lock",
        )
        return {name: digest(home / name) for name in kept}

    before = state()
    assert "champion: version 1" in run("nightly", NIGHT).stdout
    assert state() == before


def test_a_light_curve_gets_a_class_from_the_running_endpoint(first: str, run: Run, home: Path) -> None:
    import pyarrow.parquet as pq

    oid = pq.read_table(home / "predictions" / f"{NIGHT}.parquet")["oid"][0].as_py()
    told = run("classify", oid).stdout
    assert re.search(r"odder than [\d.]+% of the objects the model learned from", told)
    assert oid in told
    assert "model version 1, dataset" in told
    assert run("classify", "ZTF00nothing", code=2).stderr.startswith("starloop: ZTF00nothing cannot be classified")


def test_a_prediction_is_explained_back_to_the_archives(first: str, run: Run, home: Path) -> None:
    import pyarrow.parquet as pq

    row = pq.read_table(home / "predictions" / f"{NIGHT}.parquet").slice(0, 1).to_pylist()[0]
    told = json.loads(run("explain", row["prediction_id"], "--json").stdout)
    assert told["asked"]["oid"] == row["oid"]
    assert told["dataset"]["nights"] == [NIGHT]
    assert told["dataset"]["archives"]["ALeRCE"]["requests"] > 0
    assert told["object"]["tables"]["detections"]["received"] > 0
    assert len(told["deciding"]) == 5
    assert told["notes"] == []
    answer = re.search(r"why: `(.+)`", run("classify", row["oid"]).stdout)
    assert answer is not None
    asked = json.loads(run(*answer[1].split()[1:], "--json").stdout)["asked"]
    assert (asked["oid"], asked["of"]) == (row["oid"], "endpoint")


def test_the_data_set_the_endpoint_tells_of_is_in_dvc_s_cache(first: str, home: Path) -> None:
    served = json.loads((home / "endpoint" / "current.json").read_text())
    md5 = client.model(served["url"])["dataset_md5"]
    kept = pipeline.cached(Home(home), md5).read_bytes()
    assert hashlib.md5(kept, usedforsecurity=False).hexdigest() == md5
    assert kept == (home / "dataset.parquet").read_bytes()


def test_the_same_data_set_is_not_learned_from_twice(first: str, run: Run) -> None:
    told = run("retrain").stdout
    assert "retrain: refused: nothing new" in told
    assert "version 1 (promoted) was trained on the same data set" in told


def test_the_first_champion_is_in_the_ledger_of_promotions(first: str, run: Run) -> None:
    told = run("history").stdout
    assert "champion: version 1" in told
    assert "first champion" in told


def test_drift_without_a_server_is_refused(first: str, run: Run) -> None:
    assert "drift-check needs a running Prefect server" in run("drift", code=2).stderr


def test_a_raw_night_changed_by_hand_stops_the_run_and_says_what_to_do(first: str, run: Run, home: Path) -> None:
    counts = home / "raw" / NIGHT / "counts.json"
    told = counts.read_text()
    counts.write_text(told.replace("1", "2", 1))
    try:
        assert "was changed after it was ingested" in run("nightly", NIGHT, code=2).stderr
    finally:
        counts.write_text(told)


def test_down_stops_the_endpoint_and_nothing_else(first: str, run: Run, home: Path) -> None:
    served = json.loads((home / "endpoint" / "current.json").read_text())
    assert "stopped: endpoint" in run("down").stdout
    assert not psutil.pid_exists(served["pid"])
    assert "nothing was running" in run("down").stdout


def test_no_credential_is_in_any_output_log_database_data_file_or_bento(
    first: str, said: list[str], home: Path
) -> None:
    names = {path.name for path in home.rglob("*")}
    assert {"mlflow.db", "prefect.db", "night.yaml", "dvc.lock", "bentos"} <= names
    assert "DEBUG" in "".join(said)
    assert planted.found("".join(said), home) == []
