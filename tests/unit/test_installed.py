"""The locked packages work together: several resolve side by side and break when they meet."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import version

import pytest

from starloop.pipeline import ROOT

TOGETHER = """
import alerce, astropy.io.fits, astroquery.mast, bentoml, dvc.repo, great_expectations, lightkurve, mlflow, xgboost
import pandas as pd
from evidently import Report
from evidently.metrics import DriftedColumnsCount
from prefect.server.api.server import create_app

create_app()
night = pd.DataFrame({"colour": [0.1, 0.4, 0.2, 0.7] * 10})
assert "metrics" in Report([DriftedColumnsCount()]).run(night, night).json()
"""


def test_what_the_project_asks_for_is_installed_as_locked() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*told["dependencies"], *(one for extra in told["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[<>=\[;! ]", one)[0] for one in asked}
    pinned = (ROOT / "requirements" / "dev.lock").read_text()
    locked = dict(re.findall(r"^([a-z0-9.-]+)==([^ ]+)", pinned, re.MULTILINE))
    assert {name: version(name) for name in names} == {name: locked[name] for name in names}


@pytest.mark.timeout(600)
def test_the_required_packages_import_together_and_their_servers_and_reports_begin() -> None:
    done = subprocess.run([sys.executable, "-c", TOGETHER], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
