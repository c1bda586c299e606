"""Local processes: started detached, stopped only when they are ours."""

import socket
import sys
from pathlib import Path

import pytest

from starloop import processes
from starloop.errors import BadInput, StarloopError


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_is_started_found_healthy_and_stopped(tmp_path: Path) -> None:
    port = _free_port()
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = processes.start("files", command, log=tmp_path / "log", url=f"http://127.0.0.1:{port}", folder=tmp_path)
    processes.wait_healthy(server, "/", deadline_s=30)
    with pytest.raises(BadInput, match=f"port {port} on 127.0.0.1 is in use, the test needs it"):
        processes.need_port(port, "the test", "STARLOOP_PORTS__TEST")
    assert server.stop()
    assert not server.alive
    assert not server.stop()
    processes.need_port(port, "the test", "STARLOOP_PORTS__TEST")


def test_a_stranger_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    sleeper = processes.start("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"], log=tmp_path / "log")
    stranger = sleeper.model_copy(update={"born": sleeper.born - 1000})
    assert not stranger.stop()
    assert sleeper.alive
    assert sleeper.stop()


def test_a_process_that_dies_at_once_names_its_log(tmp_path: Path) -> None:
    dying = processes.start(
        "dying", [sys.executable, "-c", "raise SystemExit(3)"], log=tmp_path / "log", url="http://127.0.0.1:9"
    )
    with pytest.raises(StarloopError, match="dying ended before it was ready: see"):
        processes.wait_healthy(dying, "/", deadline_s=30)
