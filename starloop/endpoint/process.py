"""One serving process: starting it so that it outlives its parent, and stopping it and no other."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil
from pydantic import BaseModel, ConfigDict

from starloop.endpoint.build import QUIET, content_of, path_of
from starloop.errors import NotPromoted
from starloop.nights.store import Home

READY_S = 90.0
STOP_S = 10.0
# What a worker says last; BentoML would start it again for ever.
GAVE_UP = b"Application startup failed"
_POLL_S = 0.2


class Served(BaseModel):
    """A serving process and what it serves."""

    model_config = ConfigDict(frozen=True)

    url: str
    pid: int
    started: float
    """Create time of the process, seconds since 1970: a pid alone may by now be someone else's."""
    version: int
    tag: str
    content: str
    """Hash of what the Bento was built from."""
    log: str
    previous: "Served | None" = None
    """The process that served before, kept warm for a rollback."""

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        try:
            process = psutil.Process(self.pid)
            return bool(process.create_time() == self.started and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False


def start(home: Home, tag: str, version: int, port: int) -> Served:
    """Start ``bentoml serve`` on 127.0.0.1, away from this process's pipes and terminal.

    Parameters
    ----------
    home : Home
        Where the Bento is, and where the log goes.
    tag : str
        Of the Bento.
    version : int
        Of its model.
    port : int
        0 for a free one.

    Raises
    ------
    NotPromoted
        When there is no such Bento.
    """
    content = content_of(home, tag)
    if content is None:
        raise NotPromoted(f"there is no Bento {tag}; build it first")
    port = port or _free_port()
    run = _run_folder(home, port)
    log = run / "serve.log"
    # By its folder: BentoML tries a tag as ``module:attribute`` first, and would so import an installed starloop.
    bento = str(path_of(home, tag).resolve())
    command = [sys.executable, "-m", "bentoml", "serve", bento, "--host", "127.0.0.1", "--port", str(port)]
    # The Bento's own code answers, also where starloop is installed as a link to a checkout that has moved on.
    source = (path_of(home, tag) / "src").resolve()
    environment = os.environ | QUIET | {"BENTOML_HOME": str(run), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(source)}
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=run,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Served(
        url=f"http://127.0.0.1:{port}",
        pid=child.pid,
        started=psutil.Process(child.pid).create_time(),
        version=version,
        tag=tag,
        content=content,
        log=str(log),
    )


def wait_ready(served: Served, within_s: float = READY_S) -> None:
    """Wait until ``/readyz`` answers; raise `NotPromoted` when the process ends or the time (seconds) is over."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not served.alive or GAVE_UP in Path(served.log).read_bytes():
            raise NotPromoted(f"version {served.version} failed while it started; see {served.log}")
        try:
            if httpx.get(f"{served.url}/readyz", timeout=_POLL_S * 10, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(_POLL_S)
    raise NotPromoted(f"version {served.version} was not ready within {within_s:.0f} s; see {served.log}")


def stop(served: Served) -> None:
    """End a process started by `start` with everything it started itself; do nothing when it has ended already."""
    if not served.alive:
        return
    family = [psutil.Process(served.pid), *psutil.Process(served.pid).children(recursive=True)]
    # It leads its own session, so that its group has nobody else in it.
    os.killpg(served.pid, signal.SIGTERM)
    _, left = psutil.wait_procs(family, timeout=STOP_S)
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=STOP_S)


def _run_folder(home: Home, port: int) -> Path:
    # BentoML empties its home's folder of metrics when it starts: two processes with one home would lose theirs.
    run = (home.endpoint / "runs" / str(port)).resolve()
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    return run


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
