"""Toy models, as model folders, and a home whose endpoint serves one."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from starlette.testclient import TestClient

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


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the endpoint in this process keeps its answers."""
    return tmp_path_factory.mktemp("log")


@pytest.fixture(scope="session")
def endpoint(toy_model: Path, log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The service in this process, as version 7."""
    context = tmp_path_factory.mktemp("context") / "bento"
    build.stage(toy_model, 7, context)
    with ExitStack() as stack:
        # Read when the service starts; the processes that other tests start shall not find them.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BENTOML_HOME", str(tmp_path_factory.mktemp("bentoml")))
            patch.setenv("BENTOML_DO_NOT_TRACK", "True")
            patch.setenv("OTEL_SDK_DISABLED", "true")
            patch.setenv("STARLOOP_MODEL_FOLDER", str(context / "model"))
            patch.setenv("STARLOOP_PREDICTION_LOG", str(log))
            from starloop.endpoint.service import Starloop

            client = stack.enter_context(TestClient(Starloop.to_asgi(), raise_server_exceptions=False))
        yield client


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
