"""An endpoint to be maltreated, and what is seen of its processes meanwhile."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from starloop.endpoint import build, proxy, smoke, switch
from starloop.endpoint.prediction_log import SMOKE
from starloop.features import schema
from starloop.nights.store import Home
from tests.endpoint.toys import toy_model

MB = 2**20


@dataclass(frozen=True)
class Scene:
    """A deployed endpoint.

    Parameters
    ----------
    home : Home
        Of its own.
    served : Served
        Its process, behind the proxy.
    """

    home: Home
    served: switch.Served

    @property
    def url(self) -> str:
        """Where everyone asks: the proxy's address."""
        return self.served.url

    @property
    def curves(self) -> list[dict[str, Any]]:
        """Good light curves."""
        return [curve | {"id": curve["id"].removeprefix(SMOKE)} for curve in smoke.known()]

    @property
    def score(self) -> dict[str, Any]:
        """One row of good features."""
        return {"feature_schema": schema.digest(), "rows": [dict.fromkeys(schema.NAMES, 0.5)]}

    def processes(self) -> dict[str, psutil.Process]:
        """Give the processes that answer, by a name each: workers, the desk and the proxy."""
        workers = psutil.Process(self.served.pid).children(recursive=True)
        found = {f"worker {number}": one for number, one in enumerate(workers)}
        front = proxy.running(self.home)
        return found | ({"proxy": psutil.Process(front.pid)} if front else {})

    def memory(self) -> dict[str, float]:
        """Give the resident memory of each process, MB."""
        return {name: one.memory_info().rss / MB for name, one in self.processes().items()}

    def births(self) -> dict[str, tuple[int, float]]:
        """Tell the processes from others that took their place."""
        return {name: (one.pid, one.create_time()) for name, one in self.processes().items()}

    def answers(self) -> None:
        """Raise `NotPromoted` when known light curves are no longer answered as they should be."""
        smoke.check(self.url, self.served.version, build.model_of(self.home, self.served.tag))

    def complaints(self) -> list[str]:
        """Give what the log says of exceptions that nobody caught."""
        lines = Path(self.served.log).read_text(errors="replace").splitlines()
        return [line for line in lines if line.startswith("Traceback") or "Exception in" in line]


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """Deploy an endpoint; stop it afterwards."""
    home = Home(folder / "home")
    try:
        served = switch.deploy(home, build.build(home, toy_model(folder / "model", "a" * 32), 1), 1)
        here = Scene(home, served)
        # A body that is good must be taken, or breaking it would prove nothing.
        with httpx.Client(base_url=here.url, timeout=60, trust_env=False) as client:
            for path, body in (("/classify", here.curves), ("/score", here.score)):
                client.post(path, content=json.dumps(body), headers=_JSON).raise_for_status()
        yield here
    finally:
        switch.stop(home)


_JSON = {"Content-Type": "application/json"}
