"""Each night's ledger and lock on a git branch of their own, without touching the work tree."""

import os
import subprocess
import tempfile
from pathlib import Path

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.pipeline import ROOT


def commit(home: Home, night: Night, sky: str, branch: str) -> None:
    """Commit a night's ledger and dvc.lock to a branch; nothing happens when it holds them already.

    Raises
    ------
    BadInput
        When git refuses, with git's own words.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "GIT_INDEX_FILE": str(Path(folder) / "index")}

        def git(*words: str, tolerate: bool = False) -> str:
            done = subprocess.run(
                ["git", "-C", str(ROOT), *words], env=environment, capture_output=True, text=True, check=False
            )
            if done.returncode and not tolerate:
                raise BadInput(f"git could not keep {night} on the branch {branch}: {done.stderr.strip()}")
            return done.stdout.strip() if not done.returncode else ""

        parent = git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", tolerate=True)
        if parent:
            git("read-tree", parent)
        for path in (home.ledger(night), home.lock(night)):
            blob = git("hash-object", "-w", str(path.resolve()))
            git("update-index", "--add", "--cacheinfo", f"100644,{blob},{sky}/{path.name}")
        tree = git("write-tree")
        if parent and tree == git("rev-parse", f"{parent}^{{tree}}"):
            return
        parents = ["-p", parent] if parent else []
        made = git("commit-tree", tree, *parents, "-m", f"{sky}: night {night}")
        git("update-ref", f"refs/heads/{branch}", made, parent or "0" * 40)
