"""What the doctor finds in a home and in the local stack, how it says so, and with which exit code it ends."""

import shutil
import subprocess
import sys
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from pydantic import SecretStr

from deployments.cli.doctor import show
from deployments.doctor import Report, look_at_stack
from deployments.stack import attach
from starloop.archives import logins
from starloop.archives.config import Credentials
from starloop.archives.mast import Identity
from starloop.errors import StarloopError
from starloop.findings import Finding, Item, Severity
from starloop.nights import upkeep
from starloop.nights.store import Home, write_json
from starloop.processes import Running

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEAD = b"SIMPLE  =                    T"


def in_home(home: Home) -> dict[str, Item]:
    return {item.name: item for item in upkeep.look(home)}


def fits(folder: Path, name: str, body: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(body)


def test_an_empty_home_is_well_and_stays_as_it_is(tmp_path: Path) -> None:
    found = in_home(Home(tmp_path / "home"))
    assert {item.severity for item in found.values()} == {Severity.OK}
    assert found["disk"].facts["free_bytes"] == pytest.approx(shutil.disk_usage(tmp_path).free, rel=0.1)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("body", [b"", HEAD.ljust(2879), b"<html>".ljust(2880)], ids=["empty", "cut", "a page"])
def test_a_poisoned_file_is_found_among_whole_ones(tmp_path: Path, body: bytes) -> None:
    home = Home(tmp_path)
    fits(home.tess_files, "whole_lc.fits", HEAD.ljust(2880))
    assert in_home(home)["TESS files"].severity == Severity.OK
    fits(home.tess_files, "bad_lc.fits", body)
    item = in_home(home)["TESS files"]
    assert (item.severity, item.facts["broken"], item.facts["files"]) == (Severity.WARNING, ["bad_lc.fits"], 2)
    assert item.facts["bytes"] == 2880 + len(body)
    assert "bad_lc.fits" in item.says
    assert item.advice


def test_files_put_aside_and_nights_under_way_are_information(tmp_path: Path) -> None:
    home = Home(tmp_path)
    fits(home.tess_files / "quarantine", "bad_lc.fits.0123456789ab", b"")
    for night in range(1, 6):
        (tmp_path / "fetching" / f"2020-06-0{night}").mkdir(parents=True)
    found = in_home(home)
    assert found["quarantine"].severity == found["nights under way"].severity == Severity.INFO
    assert found["quarantine"].facts["files"] == 1
    assert len(found["nights under way"].facts["nights"]) == 5
    assert "2020-06-01, 2020-06-02, 2020-06-03 and 2 more" in found["nights under way"].says


def test_little_room_on_the_disk_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep.shutil, "disk_usage", lambda path: SimpleNamespace(free=upkeep.LITTLE_ROOM_BYTES - 1))
    item = in_home(Home(tmp_path))["disk"]
    assert item.severity == Severity.WARNING
    assert "STARLOOP_HOME" in item.advice[0]


def said(identity: Identity) -> dict[str, Future[Any]]:
    future: Future[Any] = Future()
    future.set_result(identity)
    return {logins.MAST: future}


@pytest.mark.parametrize(
    ("left", "severity"), [(timedelta(days=9), Severity.OK), (timedelta(days=2), Severity.WARNING)], ids=str
)
def test_a_token_that_ends_soon_is_a_warning(left: timedelta, severity: Severity) -> None:
    ends = (NOW + left).isoformat()
    item = logins.items(Credentials(mast_token=SecretStr("t")), said(Identity(True, ends)), NOW)[0]
    assert (item.name, item.severity, item.facts) == (logins.MAST, severity, {"state": "valid", "expires": ends})
    assert bool(item.advice) == (severity is Severity.WARNING)


def test_a_token_whose_end_is_not_told_or_cannot_be_read_is_accepted() -> None:
    for expires in (None, "in a while"):
        item = logins.items(Credentials(mast_token=SecretStr("t")), said(Identity(True, expires)), NOW)[0]
        assert (item.severity, item.facts["expires"]) == (Severity.OK, expires)


@pytest.mark.parametrize(("there", "missing"), [("irsa_user", "PASSWORD"), ("irsa_password", "USER")])
def test_half_an_account_is_a_warning_that_names_the_other_half(there: str, missing: str) -> None:
    item = logins.items(Credentials(**{there: SecretStr("half")}), {}, NOW)[1]
    assert (item.severity, item.facts["state"]) == (Severity.WARNING, "incomplete")
    assert f"STARLOOP_IRSA_{missing} is missing" in item.says


@pytest.fixture
def process() -> Any:
    """Start a process, and a server that answers 200 to one path and 503 to every other."""

    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path in ("/health", "/readyz") else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    sleeping = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    server = HTTPServer(("127.0.0.1", 0), Health)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def running(name: str, url: str = f"http://127.0.0.1:{server.server_port}", born: float | None = None) -> Running:
        there = psutil.Process(sleeping.pid).create_time() if born is None else born
        return Running(name=name, pid=sleeping.pid, born=there, url=url, log=f"{name}.log")

    yield running
    sleeping.kill()
    sleeping.wait()
    server.shutdown()
    server.server_close()


def of_stack(home: Home) -> dict[str, Item]:
    return {item.name: item for item in look_at_stack(SimpleNamespace(home=home))}


def test_a_stack_that_was_not_started_is_information(tmp_path: Path) -> None:
    found = of_stack(Home(tmp_path))
    assert list(found) == ["prefect", "mlflow", "alerts", "archive", "worker", "endpoint"]
    assert {(item.severity, item.says, item.facts["running"]) for item in found.values()} == {
        (Severity.INFO, "not running", False)
    }


def test_of_a_running_stack_each_server_is_asked_whether_it_is_well(tmp_path: Path, process: Any) -> None:
    home = Home(tmp_path)
    started = [process("prefect"), process("mlflow"), process("alerts"), process("archive", "http://127.0.0.1:9")]
    started.append(process("worker", ""))
    write_json([one.model_dump() for one in started], home.stack)
    write_json(
        process("endpoint v3").model_dump() | {"version": 3, "tag": "t", "content": "c"}, home.endpoint / "current.json"
    )
    found = of_stack(home)
    assert {name: item.facts["healthy"] for name, item in found.items()} == {
        "prefect": False, "mlflow": True, "alerts": True, "archive": False, "worker": None, "endpoint": True,
    }  # fmt: skip
    assert {name for name, item in found.items() if item.severity == Severity.ERROR} == {"prefect", "archive"}
    well = {name for name, item in found.items() if item.severity == Severity.OK}
    assert well == {"mlflow", "alerts", "worker", "endpoint"}
    assert "prefect.log" in found["prefect"].advice[0]
    assert all(item.facts["running"] for item in found.values())


def test_a_process_that_ended_is_an_error_where_the_rest_runs_and_a_warning_where_all_is_gone(
    tmp_path: Path, process: Any
) -> None:
    home = Home(tmp_path)
    for rest, severity in ((process("prefect"), Severity.ERROR), (process("prefect", born=1.0), Severity.WARNING)):
        write_json([rest.model_dump(), process("mlflow", born=1.0).model_dump()], home.stack)
        item = of_stack(home)["mlflow"]
        assert (item.severity, item.says, item.facts["running"]) == (severity, "ended by itself", False)
        assert "starloop up" in item.advice[0]


def test_no_run_attaches_to_a_stack_of_which_a_part_has_ended(tmp_path: Path, process: Any) -> None:
    home = Home(tmp_path)
    write_json([process("prefect").model_dump(), process("mlflow", born=1.0).model_dump()], home.stack)
    with pytest.raises(StarloopError, match="mlflow has ended while the rest runs: run `starloop down`"):
        attach(SimpleNamespace(home=home))


def report(severity: Severity) -> Report:
    facts = {"url": "https://archive.example/path", "latency_ms": 12.3, "clock_ahead_s": -0.2, "canary": "7 rows"}
    advice = "do something about it" if severity >= Severity.WARNING else ""
    item = Item("IRSA", (Finding(Severity.OK, "7 rows"), Finding(severity, "something", advice)), facts)
    parts: dict[str, list[Item]] = {"archives": [item, item], "credentials": [], "cache": [], "stack": []}
    return Report("live", "data/live", NOW.isoformat(), 1.5, parts)


@pytest.mark.parametrize(
    ("severity", "code"), [(Severity.OK, 0), (Severity.INFO, 0), (Severity.WARNING, 1), (Severity.ERROR, 2)], ids=str
)
def test_the_exit_code_follows_from_the_worst_finding(severity: Severity, code: int) -> None:
    told = report(severity).as_json()
    assert (told["severity"], told["exit_code"]) == (str(severity), code)
    assert told["archives"][0]["severity"] == str(severity)
    assert told["archives"][0]["says"] == "7 rows; something"
    assert told["archives"][0]["latency_ms"] == 12.3
    assert told["archives"][0]["advice"] == (["do something about it"] if code else [])


def test_what_to_do_is_printed_once_for_all_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    show(report(Severity.WARNING))
    printed = capsys.readouterr().out
    assert printed.count("warning: IRSA, IRSA: do something about it") == 1
    assert "archive.example " in printed
    assert "12 ms" in printed
    assert "+0 s" in printed
    assert "2 warnings; looked at in 1.5 s; exit code 1" in printed
