"""Toy models, as model folders."""

from pathlib import Path

import pytest

from tests.endpoint.toys import toy_model as _toy_model


@pytest.fixture(scope="session")
def toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that can be built into a Bento."""
    return _toy_model(tmp_path_factory.mktemp("toy") / "model", "a" * 32)


@pytest.fixture(scope="session")
def other_toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second version of it."""
    return _toy_model(tmp_path_factory.mktemp("other_toy") / "model", "b" * 32)
