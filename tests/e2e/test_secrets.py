"""Archives that are shown credentials, by commands that log everything."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from starloop.archives.config import Archives
from starloop.nights.calendar import Night
from starloop.sky.server.host import serving
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky
from tests.e2e import planted

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    return make_sky(tmp_path_factory.mktemp("skies") / "small", objects=150, seed=3, tess=2)


@pytest.fixture(scope="module")
def night(sky: Sky) -> str:
    """The night with the most detections."""
    nights = Counter(int(mjd) for mjd in sky.read("detections")["mjd"].to_pylist() if mjd is not None)
    return str(Night.at(max(nights, key=lambda mjd: (nights[mjd], mjd))))


@pytest.fixture(scope="module")
def archives(sky: Sky, night: str) -> Iterator[Archives]:
    """That night's archives, for commands that take them for the real ones."""
    with serving(sky, Night.parse(night)) as server:
        yield server.archives


def run(archives: Archives, home: Path, *words: str, code: int, **environment: str) -> str:
    told = {"STARLOOP_SKY": "live", "STARLOOP_HOME": str(home), "STARLOOP_ARCHIVES": archives.model_dump_json()}
    told |= {"STARLOOP_ALLOW_DIRTY": "1"} | planted.SECRETS | planted.TALKATIVE | environment
    inherited = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "deployments", *words],
        capture_output=True,
        text=True,
        env=inherited | told,
        timeout=250,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_night_fetched_with_credentials_leaves_none_of_them_in_output_logs_databases_or_data(
    archives: Archives, night: str, tmp_path: Path
) -> None:
    said = run(archives, tmp_path, "ingest", night, code=0)
    cost = json.loads((tmp_path / "raw" / f"{night}.fetch.json").read_text())["archives"]
    assert {"ALeRCE", "IRSA", "MAST"} <= set(cost)
    assert "DEBUG" in said
    assert "urllib3" in said
    assert planted.found(said, tmp_path) == []


def test_the_doctor_tells_that_credentials_are_accepted_and_not_what_they_are(
    archives: Archives, tmp_path: Path
) -> None:
    said = run(archives, tmp_path, "doctor", "--json", code=0)
    told = json.loads(said[said.index("{\n") : said.rindex("}") + 1])
    states = {item["name"]: item["state"] for item in told["credentials"]}
    assert states == {"MAST token": "valid", "IRSA account": "valid", "ALeRCE token": "unchecked"}
    assert planted.found(said, tmp_path) == []


def test_a_refused_password_is_one_sentence_without_the_password(
    archives: Archives, night: str, tmp_path: Path
) -> None:
    said = run(archives, tmp_path, "ingest", night, "--sample", "2", code=2, STARLOOP_IRSA_PASSWORD="wrong")
    assert "does not accept the account in STARLOOP_IRSA_USER" in said
    assert planted.found(said, tmp_path) == []
