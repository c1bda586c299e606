"""Packing a model version and the code that answers with it into a Bento."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import starloop
from starloop.endpoint.answering import VERSION_FILE
from starloop.errors import BadInput, NotPromoted
from starloop.model.bundle import BOOSTER, FACTS, FOREST
from starloop.nights.store import Home, digest

NAME = "starloop"
# All the code an answer needs, and nothing else: the Bento must run without the orchestrator's packages.
SERVED = (
    "__init__.py",
    "errors.py",
    "features",
    "model/__init__.py",
    "model/anomaly.py",
    "model/bundle.py",
    "model/calibration.py",
    "model/decision.py",
    "endpoint/__init__.py",
    "endpoint/answering.py",
    "endpoint/api.py",
    "endpoint/arrow.py",
    "endpoint/batching.py",
    "endpoint/behind.py",
    "endpoint/bodies.py",
    "endpoint/described.py",
    "endpoint/documented.py",
    "endpoint/formats.py",
    "endpoint/guard.py",
    "endpoint/metrics.py",
    "endpoint/page.html",
    "endpoint/prediction_log.py",
    "endpoint/problems.py",
    "endpoint/rates.py",
    "endpoint/refusing.py",
    "endpoint/schemas.py",
    "endpoint/scoring.py",
    "endpoint/service.py",
    "endpoint/serving.py",
    "endpoint/tokens.py",
    "endpoint/unpack.py",
)
# BentoML would otherwise resolve the packages again, over the network, to other versions.
BENTOFILE = {
    "service": "starloop.endpoint.service:Starloop",
    "name": NAME,
    "include": ["starloop/", "model/"],
    "python": {"requirements_txt": "requirements.txt", "lock_packages": False},
    "docker": {"python_version": "3.11"},
}
QUIET = {"BENTOML_DO_NOT_TRACK": "True", "DO_NOT_TRACK": "true", "OTEL_SDK_DISABLED": "true"}


def build(home: Home, folder: Path, version: int) -> str:
    """Build the Bento of a model version, without the network.

    Parameters
    ----------
    home : Home
        Its `bentos` is BentoML's store.
    folder : Path
        The model, as `starloop.model.bundle.save` wrote it.
    version : int
        Its number in the registry.

    Returns
    -------
    str
        The tag ``starloop:v<version>``. A Bento of that tag is kept when its content is the same, otherwise replaced.

    Raises
    ------
    BadInput
        When the model or the lock of the endpoint's packages is missing.
    NotPromoted
        When BentoML cannot build it.
    """
    tag = f"{NAME}:v{version}"
    home.bentos.mkdir(parents=True, exist_ok=True)
    # BentoML refuses files under any hidden folder, and the home may be in one: the context is laid out elsewhere.
    with (
        tempfile.TemporaryDirectory(prefix="starloop-") as elsewhere,
        tempfile.TemporaryDirectory(prefix="building-", dir=home.bentos) as beside,
    ):
        context = Path(elsewhere) / "context"
        stage(folder, version, context)
        content = digest(context)
        if content_of(home, tag) != content:
            built = _built(context, Path(beside) / "store", version)
            (built / "content").write_text(content + "\n")
            _replace(path_of(home, tag), built, Path(beside) / "replaced")
    return tag


def stage(folder: Path, version: int, context: Path) -> None:
    """Lay out everything that goes into the Bento, and nothing else, in a new folder."""
    code = Path(starloop.__file__).parent
    lock = code.parent / "requirements" / "endpoint.lock"
    for needed in (folder / BOOSTER, folder / FACTS, lock):
        if not needed.is_file():
            raise BadInput(f"{needed} is missing: it is packed into the endpoint")
    for name in SERVED:
        target = context / NAME / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (code / name).is_dir():
            shutil.copytree(code / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(code / name, target)
    (context / "model").mkdir()
    for name in (BOOSTER, FACTS, FOREST):
        # A version from before there was an anomaly score has no forest; its bundle says so.
        if (folder / name).is_file():
            shutil.copy(folder / name, context / "model")
    (context / "model" / VERSION_FILE).write_text(json.dumps({"version": version}) + "\n")
    shutil.copy(lock, context / "requirements.txt")
    # JSON is YAML too.
    (context / "bentofile.yaml").write_text(json.dumps(BENTOFILE, indent=1) + "\n")


def path_of(home: Home, tag: str) -> Path:
    """Give the folder of a Bento in BentoML's store."""
    return home.bentos / "bentos" / Path(*tag.split(":"))


def model_of(home: Home, tag: str) -> Path:
    """Give the folder of the model in a Bento."""
    return path_of(home, tag) / "src" / "model"


def content_of(home: Home, tag: str) -> str | None:
    """Give the hash of what a Bento was built from; None where there is none."""
    told = path_of(home, tag) / "content"
    return told.read_text().strip() if told.is_file() else None


def _built(context: Path, store: Path, version: int) -> Path:
    command = [sys.executable, "-m", "bentoml", "build", str(context), "--version", f"v{version}", "--output", "tag"]
    environment = os.environ | QUIET | {"BENTOML_HOME": str(store)}
    run = subprocess.run(command, cwd=context, env=environment, capture_output=True, text=True, check=False)
    built = store / "bentos" / NAME / f"v{version}"
    if run.returncode or not built.is_dir():
        said = (run.stderr.strip() or run.stdout.strip() or "nothing").splitlines()[-1]
        raise NotPromoted(f"BentoML could not build version {version}, the endpoint stays as it is; it said: {said}")
    return built


def _replace(place: Path, built: Path, aside: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.replace(aside)
    built.replace(place)
