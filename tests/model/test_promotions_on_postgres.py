"""The ledger's order on PostgreSQL, where transactions really run at once."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.model import racing

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.skipif(
        not (shutil.which("initdb") and shutil.which("postgres")), reason="PostgreSQL's server is not installed"
    ),
    pytest.mark.skipif(
        not importlib.util.find_spec("psycopg2"), reason="PostgreSQL's driver psycopg2 is not installed"
    ),
]


@pytest.fixture
def database() -> Iterator[str]:
    """A new server of its own; it refuses to run as root."""
    user = "nobody" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory() as made, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port, folder = probe.getsockname()[1], Path(made)
        probe.close()
        if user:
            shutil.chown(folder, user)
        place = folder / "data"
        words = ["initdb", "-D", place, "-U", "starloop", "--auth=trust", "--no-sync"]
        subprocess.run(words, user=user, cwd=folder, check=True, capture_output=True)
        words = ["postgres", "-D", place, "-p", str(port), "-k", folder, "-c", "listen_addresses=127.0.0.1"]
        with (folder / "log").open("w") as log:
            running = subprocess.Popen(words, user=user, cwd=folder, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 60
            while (
                asked := subprocess.run(["pg_isready", "-q", "-h", folder, "-p", str(port)], check=False)
            ).returncode:
                assert time.monotonic() < until, (asked, (folder / "log").read_text())
                time.sleep(0.2)
            yield f"postgresql://starloop@127.0.0.1:{port}/postgres"
        finally:
            running.send_signal(signal.SIGINT)  # not waiting until everybody has gone
            running.wait(30)


def test_of_promotions_that_race_on_postgres_exactly_one_wins_each_round(database: str) -> None:
    racing.told_of_a_race(database, racers=3, rounds=8)
