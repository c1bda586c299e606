"""Local server processes that outlive the command which started them."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil
from pydantic import BaseModel, ConfigDict

from starloop.errors import BadInput, StarloopError

_GRACE_S = 15.0


class Running(BaseModel):
    """A process that was started here; its birth tells it from a stranger who got the same pid.

    Parameters
    ----------
    name : str
        What a person calls it.
    pid : int
        Its id, which is also its group's.
    born : float
        When the system says it started, seconds since 1970.
    url : str
        Where it answers; empty when it does not listen.
    log : str
        File of what it prints.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int
    born: float
    url: str
    log: str

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        try:
            process = psutil.Process(self.pid)
            return bool(process.create_time() == self.born and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def stop(self) -> bool:
        """Stop it and its group; tell whether it ran."""
        if not self.alive:
            return False
        family = self.family
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        _ended(family, _GRACE_S)
        return True

    @property
    def family(self) -> list[psutil.Process]:
        """The process and all that it started; nothing when it has ended."""
        if not self.alive:
            return []
        with contextlib.suppress(psutil.NoSuchProcess):
            return [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        return []


def start(
    name: str,
    command: Sequence[str],
    *,
    log: Path,
    url: str = "",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Running:
    """Start a process detached from this one: its own session, its output in a file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
            cwd=folder,
        )
    return Running(name=name, pid=process.pid, born=psutil.Process(process.pid).create_time(), url=url, log=str(log))


def recorded(path: Path) -> list[Running]:
    """Give the processes that a file names, whether or not they still run; none where there is no such file."""
    if not path.exists():
        return []
    return [Running.model_validate(told) for told in json.loads(path.read_text())]


def sweep(mark: Mapping[str, str], keep: Sequence[Running], grace_s: float = _GRACE_S) -> None:
    """Stop every process that was started with these environment variables, whoever remembers it.

    Parameters
    ----------
    mark : mapping of str to str
        The variables.
    keep : sequence of Running
        Are left alone, with all that they started.
    grace_s : float
        How long one may take to finish what it is doing, seconds.
    """
    kept = {process.pid for one in keep for process in one.family}
    strays = [process for process in psutil.process_iter() if process.pid not in kept and _carries(process, mark)]
    for process in strays:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    _ended(strays, grace_s)


def _carries(process: psutil.Process, mark: Mapping[str, str]) -> bool:
    try:
        return bool(mark.items() <= process.environ().items())
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # over, or another user's
        return False


def _ended(family: Sequence[psutil.Process], grace_s: float) -> None:
    _, stubborn = psutil.wait_procs(family, timeout=grace_s)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=_GRACE_S)


def wait_healthy(process: Running, path: str, deadline_s: float) -> None:
    """Wait until a URL of the process answers 200.

    Raises
    ------
    StarloopError
        When the process ends or the deadline passes, naming the log.
    """
    import httpx

    until = time.monotonic() + deadline_s
    while time.monotonic() < until:
        if not process.alive:
            raise StarloopError(f"{process.name} ended before it was ready: see {process.log}")
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(process.url + path, timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise StarloopError(f"{process.name} was not ready after {deadline_s:.0f} s: see {process.log}")


def free_port() -> int:
    """Give a port on 127.0.0.1 that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def need_port(port: int, who: str, variable: str) -> None:
    """Raise `BadInput` when a port on 127.0.0.1 is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise BadInput(
                f"port {port} on 127.0.0.1 is in use, {who} needs it: stop what listens there or set {variable}"
            ) from None
