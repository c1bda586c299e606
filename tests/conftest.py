"""What every test may ask for."""

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling


class _Rooms(LoadFileScheduling):
    """Each file goes to one worker, and those of tests/flows to the same one: they share a Prefect server."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/flows" if file.startswith("tests/flows/") and "test_trial" not in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Rooms:
    """Hand out the tests."""
    return _Rooms(config, log)


def _folder(variable: str) -> Path:
    value = os.environ.get(variable)
    if not value:
        pytest.skip(f"{variable} is not set: this test reads real data that is not part of the repository")
    return Path(value)


@pytest.fixture(scope="session")
def recorded_sky() -> Path:
    """A recorded sky directory (real ZTF, IRSA and TESS observations)."""
    return _folder("STARLOOP_RECORDED_SKY")


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Recorded archive answers and odd inputs."""
    return _folder("STARLOOP_RECORDINGS")
