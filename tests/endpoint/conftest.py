"""Toy models, as model folders, and a home whose endpoint serves one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from starloop.endpoint import build, switch
from starloop.nights.store import Home
from tests.endpoint.toys import toy_model as _toy_model


@pytest.fixture(scope="session")
def toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that can be built into a Bento."""
    return _toy_model(tmp_path_factory.mktemp("toy") / "model", "a" * 32)


@pytest.fixture(scope="session")
def other_toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second version of it."""
    return _toy_model(tmp_path_factory.mktemp("other_toy") / "model", "b" * 32)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home of the test file's own; what it started is stopped."""
    place = Home(tmp_path_factory.mktemp("home"))
    yield place
    switch.stop(place)


@pytest.fixture(scope="module")
def first(home: Home, toy_model: Path) -> switch.Served:
    """Version 1, deployed."""
    return switch.deploy(home, build.build(home, toy_model, 1), 1)
