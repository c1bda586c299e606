"""An endpoint whose processes were killed, or whose switch was, comes back as it is written down."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
import pytest

from starloop.endpoint import build, client, health, proxy, switch
from starloop.errors import BadInput
from starloop.nights.store import Home
from starloop.processes import Running

pytestmark = pytest.mark.timeout(600)


def marked(home: Home) -> set[int]:
    """Give every process that was started for this home's endpoint."""
    found = set()
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except psutil.Error:
            continue
        if proxy.mark(home).items() <= environment.items():
            found.add(process.pid)
    return found


def family(*some: Running | None) -> set[int]:
    return {process.pid for one in some if one for process in one.family}


def kill(process: Running) -> None:
    """Kill the process alone, as a machine out of memory does; what it started lives on."""
    os.kill(process.pid, signal.SIGKILL)
    while process.alive:
        time.sleep(0.05)


def test_without_a_deployment_there_is_nothing_to_restart_or_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no endpoint was deployed in .*: run `starloop deploy`"):
        switch.restart(Home(tmp_path))
    assert health.look(Home(tmp_path)) is None


def test_a_killed_process_is_noticed_and_brought_back_at_the_same_address(first: switch.Served, home: Home) -> None:
    assert health.look(home) == health.Health(1, first.url, True, f"version 1 answers at {first.url}")
    kill(first)
    assert switch.current(home) is None
    sick = health.look(home)
    assert sick is not None
    assert (sick.ok, sick.version) == (False, 1)
    assert "the process of version 1 has ended" in sick.what

    back = switch.restart(home)
    assert (back.version, back.url, back.tag) == (first.version, first.url, first.tag)
    assert client.model(first.url)["version"] == 1
    assert marked(home) == family(back, proxy.running(home))


def test_a_killed_proxy_is_noticed_and_brought_back_at_the_same_address(first: switch.Served, home: Home) -> None:
    front, serving = proxy.running(home), switch.current(home)
    assert front is not None
    kill(front)
    sick = health.look(home)
    assert sick is not None
    assert not sick.ok
    assert "the proxy at" in sick.what
    assert switch.restart(home) == serving
    assert client.model(first.url)["version"] == 1


def test_a_switch_killed_before_the_proxy_followed_is_finished_by_the_next_look(
    first: switch.Served, home: Home
) -> None:
    proxy.point(home, "http://127.0.0.1:9")
    serving = switch.current(home)
    assert serving is not None
    assert proxy.pointed(home) == serving.own_url
    assert client.model(first.url)["version"] == 1


def test_a_switch_killed_while_the_new_version_starts_leaves_no_process_behind(
    first: switch.Served, home: Home, other_toy_model: Path
) -> None:
    tag, before = build.build(home, other_toy_model, 2), marked(home)
    code = f"""
from pathlib import Path
from starloop.endpoint import switch
from starloop.nights.store import Home
switch.deploy(Home(Path({str(home.root)!r})), {tag!r}, 2)
"""
    with subprocess.Popen([sys.executable, "-c", code]) as deploying:
        while marked(home) == before:
            assert deploying.poll() is None
            time.sleep(0.05)
        deploying.kill()
    assert httpx.get(f"{first.url}/v1/model", trust_env=False, timeout=60).json()["version"] == 1
    now = switch.restart(home)
    assert now.version == 1
    assert marked(home) == family(now, proxy.running(home))
