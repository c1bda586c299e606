"""The servers that are compared: ours, and the two that one would otherwise have."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa

from starloop import processes
from starloop.endpoint import build, process, switch
from starloop.features import schema
from starloop.model.bundle import Classifier
from starloop.model.packing import pack
from starloop.nights.store import Home
from starloop.pipeline import ROOT
from tests.bench_endpoint import model

READY_S = 180.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


@dataclass(frozen=True)
class Server:
    """Where one row of ready features is scored, and what is sent there.

    Parameters
    ----------
    name : str
        In the table.
    url : str
        Is asked by POST.
    body : bytes
        The same row of features, in the form this server takes.
    """

    name: str
    url: str
    body: bytes


@contextmanager
def ours(
    folder: Path, model_folder: Path, features: pa.Table, workers: int = 1
) -> Iterator[tuple[switch.Served, Server]]:
    """Deploy the model behind the proxy as `starloop deploy` does; the server is its process, without the proxy."""
    home = Home(folder / f"home-{workers}")
    try:
        with patch.dict(os.environ, {"STARLOOP_WORKERS": str(workers)}):
            served = switch.deploy(home, build.build(home, model_folder, 1), 1)
        body = model.body({"feature_schema": schema.digest(), "rows": model.rows(features)})
        yield served, Server("starloop", f"{served.own_url}/score", body)
    finally:
        switch.stop(home)


@contextmanager
def plain(folder: Path, model_folder: Path, features: pa.Table) -> Iterator[Server]:
    """Start `plain.py` under uvicorn, with one worker."""
    port = processes.free_port()
    words = ["-m", "uvicorn", "tests.bench_endpoint.plain:app", "--port", str(port), "--log-level", "warning"]
    told = {"BENCH_BOOSTER": str(model_folder / "booster.ubj"), "BENCH_FEATURES": ",".join(schema.NAMES)}
    with _running("plain FastAPI", words, port, "/openapi.json", folder, told):
        body = model.body({"feature_schema": schema.digest(), "rows": model.rows(features)})
        yield Server("plain FastAPI + uvicorn + inplace_predict", f"http://127.0.0.1:{port}/score", body)


@contextmanager
def mlflow(folder: Path, model_folder: Path, features: pa.Table) -> Iterator[Server]:
    """Start ``mlflow models serve`` with one worker, on the model as our registry keeps it."""
    packed = folder / "mlflow"
    pack(Classifier.load(model_folder), model_folder, packed)
    port = processes.free_port()
    words = [*("-m", "mlflow", "models", "serve", "--model-uri", str(packed), "--env-manager", "local")]
    words += ["--workers", "1", "--port", str(port)]
    with _running("mlflow models serve", words, port, "/ping", folder, QUIET):
        row = model.rows(features)[0]
        body = model.body({"dataframe_split": {"columns": list(row), "data": [list(row.values())]}})
        yield Server("mlflow models serve", f"http://127.0.0.1:{port}/invocations", body)


@contextmanager
def _running(
    name: str, words: Sequence[str], port: int, path: str, folder: Path, environment: Mapping[str, str]
) -> Iterator[None]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    started = processes.start(
        name,
        [sys.executable, *words],
        log=folder / f"{port}.log",
        url=f"http://127.0.0.1:{port}",
        environment={**ONE_THREAD, **environment, "PATH": programs, "PYTHONPATH": str(ROOT)},
        folder=folder,
    )
    try:
        processes.wait_healthy(started, path, READY_S)
        yield
    finally:
        started.stop()


def seconds_to_ready(folder: Path, model_folder: Path) -> float:
    """Start our process once more, and give the seconds until it is ready."""
    home = Home(folder / "home")
    tag = build.build(home, model_folder, 1)
    began = time.monotonic()
    served = process.start(home, tag, 1)
    try:
        process.wait_ready(served)
        return time.monotonic() - began
    finally:
        served.stop()
