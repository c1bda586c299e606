"""MLflow's server as the local stack starts it: who may ask it, and by which name."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deployments import mlflow
from starloop import processes
from starloop.errors import RegistryDown
from starloop.model.registry import Registry
from starloop.nights.store import Home

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def url(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = Home(tmp_path_factory.mktemp("mlflow"))
    running = processes.start(
        "MLflow",
        mlflow.command(home, port, "mlflow, mlflow.starloop.svc"),
        log=home.root / "log",
        url=f"http://127.0.0.1:{port}",
        environment={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        folder=home.root,
    )
    try:
        processes.wait_healthy(running, "/health", deadline_s=180)
        yield running.url
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("mlflow", 200),
        ("mlflow:5000", 200),
        ("mlflow.starloop.svc", 200),
        ("mlflow.starloop.svc:5000", 200),
        ("localhost", 200),
        ("127.0.0.1:5000", 200),
        ("mlflow.elsewhere", 403),
        ("notmlflow:5000", 403),
    ],
)
def test_it_answers_by_the_names_it_was_given_with_a_port_and_without(url: str, host: str, status: int) -> None:
    asked = f"{url}/api/2.0/mlflow/registered-models/search"
    assert httpx.get(asked, headers={"Host": host}, trust_env=False).status_code == status


def test_a_registry_asks_it_as_ever(url: str) -> None:
    assert Registry(url).champion() is None


def test_without_names_mlflow_s_own_list_stays(tmp_path: Path) -> None:
    assert "--allowed-hosts" not in mlflow.command(Home(tmp_path), 5000, "")


def test_a_registry_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(RegistryDown, match=rf"the registry at {nobody} does not answer \(ConnectError\)"):
            Registry(nobody).champion()
