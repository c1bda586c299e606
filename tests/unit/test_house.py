"""What the house promises: small files, light imports, locks that name no index."""

import re
import subprocess
import sys
import tomllib

import pytest

from starloop.pipeline import ROOT

ROOMS = ("starloop", "flows", "tasks", "deployments", "tests")
HEAVY = {"pandas", "astropy", "mlflow", "xgboost", "great_expectations", "evidently", "lightkurve", "alerce", "bentoml"}


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {path: len(path.read_text().splitlines()) for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert {str(path): length for path, length in lengths.items() if length > 300} == {}


@pytest.mark.parametrize("module", ["flows.nightly", "flows.drift_check", "deployments.cli"])
def test_a_flow_is_imported_without_the_heavy_libraries(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{name.split('.')[0] for name in sys.modules}} & {HEAVY}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_the_locks_pin_every_package_by_hash_and_name_no_address() -> None:
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    assert [lock.name for lock in locks] == ["bootstrap.lock", "dev.lock", "endpoint.lock", "loop.lock"]
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text
        packages = re.findall(r"^[a-z0-9].*==.*\\$", text, re.MULTILINE)
        assert packages
        assert len(packages) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))


def test_the_endpoint_carries_neither_orchestrator_nor_pipeline() -> None:
    pinned = set(re.findall(r"^([a-z0-9-]+)", (ROOT / "requirements" / "endpoint.lock").read_text(), re.MULTILINE))
    assert {"bentoml", "xgboost", "light-curve"} <= pinned
    assert pinned.isdisjoint({"prefect", "dvc", "great-expectations", "evidently", "lightkurve", "mlflow"})


def test_every_folder_with_tests_is_among_those_that_are_run() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["testpaths"]
    there = {path.relative_to(ROOT).parts[1] for path in (ROOT / "tests").rglob("test_*.py")}
    assert {f"tests/{folder}" for folder in there} == set(told)
