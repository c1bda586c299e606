"""Processes that promote different versions against the same champion, at once."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from starloop.model import promotions
from starloop.model.registry import MODEL, Registry

if TYPE_CHECKING:
    from mlflow import MlflowClient

VERSIONS = 5
RACER = """
import sys
from starloop.errors import NotPromoted
from starloop.model.registry import Registry
registry = Registry(sys.argv[1])
registry.champion()
print("ready", flush=True)
for line in sys.stdin:
    version, expected = map(int, line.split())
    try:
        registry.promote(version, expected, why="race", who=sys.argv[2])
        print("won", flush=True)
    except NotPromoted:
        print("lost", flush=True)
"""


def client(uri: str) -> "MlflowClient":
    """Give MLflow's own client."""
    from mlflow import MlflowClient

    return MlflowClient(uri, uri)


def registry(uri: str, versions: int = VERSIONS) -> Registry:
    """Give a registry with so many versions that were never promoted, and an empty ledger."""
    one, mlflow = Registry(uri), client(uri)
    one.champion()
    for name in (MODEL, promotions.LEDGER):
        if mlflow.search_registered_models(f"name='{name}'"):
            mlflow.delete_registered_model(name)
    mlflow.create_registered_model(MODEL)
    for number in range(1, versions + 1):
        mlflow.create_model_version(MODEL, f"s3://nowhere/{number}", await_creation_for=None)
    return one


def race(uri: str, registry: Registry, racers: int, rounds: int) -> list[list[str]]:
    """Let processes promote different versions against the same champion, and give what each was told in each round."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, uri, f"racer {number}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for number in range(racers)
    ]  # fmt: skip

    def say(process: "subprocess.Popen[str]", line: str) -> str:
        assert process.stdin is not None
        assert process.stdout is not None
        if line:
            print(line, file=process.stdin, flush=True)
        return process.stdout.readline().strip()

    told = []
    try:
        with ThreadPoolExecutor(racers) as threads:
            assert list(threads.map(say, running, [""] * racers)) == ["ready"] * racers
            for _ in range(rounds):
                champion = registry.champion()
                others = [version for version in range(1, VERSIONS + 1) if version != champion]
                told.append(list(threads.map(say, running, [f"{version} {champion}" for version in others[:racers]])))
    finally:
        for process in running:
            process.communicate()
    return told


def told_of_a_race(uri: str, racers: int, rounds: int) -> None:
    """Let them race, and make sure that each round has one winner, who is in the ledger."""
    raced = registry(uri)
    raced.promote(1, None, why="first")
    told = race(uri, raced, racers, rounds)
    assert [sorted(answers) for answers in told] == [["lost"] * (racers - 1) + ["won"]] * rounds
    history = raced.history()
    assert len(history) == rounds + 1
    assert [entry.old for entry in history[1:]] == [entry.new for entry in history[:-1]]
    for answers, entry in zip(told, history[1:], strict=True):
        assert entry.who == f"racer {answers.index('won')}"
    assert raced.champion() == raced.settle() == history[-1].new
    assert raced.aliases().get("previous") == raced.previous()
