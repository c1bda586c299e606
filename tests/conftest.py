"""What every test may ask for."""

import os
from pathlib import Path

import pytest


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
