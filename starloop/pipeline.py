"""The DVC project inside a sky's home, and the only place that runs DVC.

DVC's Python API needs the process's working directory and does not lock threads against each other,
so every call is a subprocess in the home.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from starloop import errors
from starloop.errors import BadInput, StarloopError
from starloop.nights.calendar import Night
from starloop.nights.store import Home, digest
from starloop.params import Params

CODE = Path(__file__).resolve().parent
ROOT = CODE.parent
_ROOMS = {
    "checks": ("checks",),
    "features": ("features",),
    "model": ("model", "drift"),
    "evaluation": ("evaluation",),
}


def dvc(home: Home, *words: str) -> str:
    """Run one DVC command in the home and give what it printed.

    Raises
    ------
    StarloopError
        The error of the stage that failed, or DVC's own last line.
    """
    stage_error = home.root / "stage_error.json"
    stage_error.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "DVC_NO_ANALYTICS": "1",
        "STARLOOP_HOME": str(home.root.resolve()),
    }
    # The stages stand in the home: a sky given by a relative path must still be found from there.
    if (sky := os.environ.get("STARLOOP_SKY")) and Path(sky).is_dir():
        environment["STARLOOP_SKY"] = str(Path(sky).resolve())
    done = subprocess.run(
        # Somebody may run DVC by hand meanwhile.
        [sys.executable, "-m", "dvc", "--wait-for-lock", *words],
        cwd=home.root,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode == 0:
        return done.stdout
    if stage_error.exists():
        told = json.loads(stage_error.read_text())
        stage_error.unlink()
        raise getattr(errors, told["error"])(told["message"])
    lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    error = next((number for number, line in enumerate(lines) if line.startswith("ERROR")), len(lines) - 1)
    # What holds it up is named in the line below.
    reason = " ".join(lines[error:][: 2 if lines[error].endswith(":") else 1]) if lines else "no output"
    raise StarloopError(f"dvc {' '.join(words)} failed in {home.root}: {reason.removeprefix('ERROR: ')}")


def open_project(home: Home, remote: str | None) -> None:
    """Make the home a DVC project, or make sure that it is a usable one.

    Raises
    ------
    BadInput
        When nights are there and DVC's state is gone or unreadable.
    """
    lock = home.root / "dvc.lock"
    if not (home.root / ".dvc" / "config").is_file():
        if any((home.root / "ledger").glob("*.dvc.lock")):
            raise BadInput(
                f"{home.root} holds nights but its .dvc folder is gone: restore it from a backup, "
                "or run `dvc init --no-scm` there to start a new cache (the nights themselves are untouched)"
            )
        home.root.mkdir(parents=True, exist_ok=True)
        dvc(home, "init", "--no-scm", "--quiet", "--force")
        dvc(home, "remote", "add", "--default", "--quiet", "starloop", remote or str((home.root / "remote").resolve()))
    if lock.exists():
        try:
            readable = isinstance(yaml.safe_load(lock.read_text()), dict)
        except yaml.YAMLError:
            readable = False
        if not readable:
            raise BadInput(
                f"{lock} is not a DVC lock file (a half-merged one?): delete it, "
                "the next run takes the night's own lock from ledger/"
            )


def stand_at(home: Home, night: Night, revision: str, sky: str, origin: str) -> None:
    """Point the project at a night: its facts, its parameters and, if it ran before, its lock."""
    _copy(ROOT / "dvc.yaml", home.root / "dvc.yaml")
    _copy(ROOT / "params.yaml", home.root / "params.yaml")
    told = {
        "night": str(night),
        "sky": sky,
        "origin": origin,
        "git_revision": revision,
        "history": _history(home, night),
        "code": {room: _code(parts) for room, parts in _ROOMS.items()},
    }
    _write(home.root / "night.yaml", yaml.safe_dump(told))
    if home.lock(night).exists():
        _copy(home.lock(night), home.root / "dvc.lock")


def facts(home: Home) -> dict[str, Any]:
    """What night.yaml says of the night the project stands at."""
    told: dict[str, Any] = yaml.safe_load((home.root / "night.yaml").read_text())
    return told


def params(home: Home) -> Params:
    """The science knobs the project runs with."""
    return Params.read(home.root / "params.yaml")


def search(home: Home, trials: int) -> None:
    """Let the next training look for better knobs, so many trials; until the project stands at a night again."""
    knobs = home.root / "params.yaml"
    told = yaml.safe_load(knobs.read_text()) or {}
    told["train"] = {**told.get("train", {}), "search": {**told.get("train", {}).get("search", {}), "trials": trials}}
    _write(knobs, yaml.safe_dump(told))
    params(home)


def keep(home: Home, night: Night) -> None:
    """Keep the night's lock beside its ledger, and push what it names to the remote."""
    _copy(home.root / "dvc.lock", home.lock(night))
    dvc(home, "push", "--quiet")


def md5(home: Home, out: str) -> str | None:
    """The MD5 the lock holds for an output, or None where no stage has made it yet."""
    lock = home.root / "dvc.lock"
    if not lock.exists():
        return None
    for stage in yaml.safe_load(lock.read_text())["stages"].values():
        for item in stage.get("outs", []):
            if item["path"] == out:
                return str(item["md5"])
    return None


def cached(home: Home, md5: str) -> Path:
    """Give the file that DVC's cache has for an MD5, if it has it; for a folder's, the list of its members."""
    return home.root / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]


def lesson(home: Home) -> str:
    """Hash what a training learns from and is judged by: the data set, the code, and the knobs of both.

    Not the git revision, which changes with every word of a page; but all code that decides the model's bytes.
    """
    code, knobs = facts(home)["code"], params(home)
    told = {
        "dataset_md5": md5(home, home.dataset.name),
        "code": {room: code[room] for room in ("features", "model")},
        "train": knobs.train.model_dump(mode="json"),
        "gate": knobs.gate.model_dump(mode="json"),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _history(home: Home, night: Night) -> str:
    earlier = sorted(path for path in (home.root / "good").glob("????-??-??") if path.name < str(night))
    whole = "".join(f"{path.name} {digest(path / 'counts.json')}\n" for path in earlier)
    return hashlib.sha256(whole.encode()).hexdigest()


def _code(rooms: tuple[str, ...]) -> str:
    sources = sorted(
        path for room in rooms for path in (CODE / room).rglob("*") if path.suffix in {".py", ".toml", ".md", ".html"}
    )
    whole = "".join(f"{path.relative_to(CODE)} {digest(path)}\n" for path in sources)
    return hashlib.sha256(whole.encode()).hexdigest()


def _copy(source: Path, target: Path) -> None:
    partial = target.with_suffix(target.suffix + ".partial")
    shutil.copyfile(source, partial)
    partial.replace(target)


def _write(target: Path, text: str) -> None:
    partial = target.with_suffix(target.suffix + ".partial")
    partial.write_text(text)
    partial.replace(target)
