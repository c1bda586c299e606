"""One serving process: starting it so that it outlives its parent, and waiting until it can answer."""

import shutil
import sys
import time
from pathlib import Path

import httpx

from starloop import processes
from starloop.endpoint import proxy
from starloop.endpoint.build import QUIET, content_of, path_of
from starloop.errors import NotPromoted
from starloop.nights.store import Home
from starloop.processes import Running

READY_S = 90.0
# What a worker says last; BentoML would start it again for ever.
GAVE_UP = b"Application startup failed"
KEEP_S = 2 * proxy.IDLE_S
"""How long it keeps an idle connection; the proxy gives one up earlier."""
_POLL_S = 0.2


class Served(Running):
    """A serving process and what it serves.

    Parameters
    ----------
    url : str
        The endpoint's one stable address, which is the proxy's.
    own_url : str
        The process's own, which changes with every deployment.
    version : int
        Of its model.
    tag : str
        Of its Bento.
    content : str
        Hash of what the Bento was built from.
    previous : Served or None
        The process that served before, kept warm for a rollback.
    """

    own_url: str
    version: int
    tag: str
    content: str
    previous: "Served | None" = None


def start(home: Home, tag: str, version: int) -> Served:
    """Start ``bentoml serve`` on a free port of 127.0.0.1, away from this process's pipes and terminal.

    Parameters
    ----------
    home : Home
        Where the Bento is, and where the log goes.
    tag : str
        Of the Bento.
    version : int
        Of its model.

    Returns
    -------
    Served
        Not behind the proxy yet: its `url` is its own.

    Raises
    ------
    NotPromoted
        When there is no such Bento.
    """
    content = content_of(home, tag)
    if content is None:
        raise NotPromoted(f"there is no Bento {tag}; build it first")
    port = processes.free_port()
    own_url = f"http://127.0.0.1:{port}"
    run = _run_folder(home, port)
    # By its folder: BentoML tries a tag as ``module:attribute`` first, and would so import an installed starloop.
    bento = str(path_of(home, tag).resolve())
    started = processes.start(
        f"endpoint v{version}",
        [
            *(sys.executable, "-m", "bentoml", "serve", bento, "--host", "127.0.0.1", "--port", str(port)),
            *("--timeout-keep-alive", str(KEEP_S)),
        ],
        log=run / "serve.log",
        url=own_url,
        # The Bento's own code answers, also where starloop is installed as a link to a checkout that has moved on.
        environment=QUIET
        | {"BENTOML_HOME": str(run), "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(bento) / "src")}
        | {"STARLOOP_PREDICTION_LOG": str(home.answers.resolve())}
        | proxy.mark(home),
        folder=run,
    )
    return Served(**started.model_dump(), own_url=own_url, version=version, tag=tag, content=content)


def wait_ready(served: Served, within_s: float = READY_S) -> None:
    """Wait until ``/readyz`` answers; raise `NotPromoted` when the process ends or the time (seconds) is over."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if not served.alive or GAVE_UP in Path(served.log).read_bytes():
            raise NotPromoted(f"version {served.version} failed while it started; see {served.log}")
        try:
            if httpx.get(f"{served.own_url}/readyz", timeout=_POLL_S * 10, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(_POLL_S)
    raise NotPromoted(f"version {served.version} was not ready within {within_s:.0f} s; see {served.log}")


def _run_folder(home: Home, port: int) -> Path:
    # BentoML empties its home's folder of metrics when it starts: two processes with one home would lose theirs.
    run = (home.endpoint / "runs" / str(port)).resolve()
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir(parents=True)
    return run
