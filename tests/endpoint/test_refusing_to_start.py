"""A service that cannot answer says why once, and ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from starloop import processes
from starloop.endpoint.build import QUIET


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("0.0.0.0", "without tokens the endpoint answers on 127.0.0.1 only"),  # noqa: S104 - it is refused
        ("127.0.0.1", "bundle.json is missing"),
    ],
)
def test_a_service_that_may_not_or_cannot_answer_says_why_once_and_ends(tmp_path: Path, host: str, why: str) -> None:
    words = ["serve", "starloop.endpoint.service:Starloop", "--host", host, "--port", str(processes.free_port())]
    environment = os.environ | QUIET | {"BENTOML_HOME": str(tmp_path), "STARLOOP_MODEL_FOLDER": str(tmp_path / "none")}
    ended = subprocess.run(
        [sys.executable, "-m", "bentoml", *words], env=environment, capture_output=True, text=True, timeout=120
    )
    told = ended.stdout + ended.stderr
    assert told.count(why) == 1
    assert "Traceback" not in told
