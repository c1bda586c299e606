"""An endpoint and a desk to be maltreated, and what is seen of their processes meanwhile."""

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
from starloop.pages import process as desk
from starloop.pages.app import SCHEMA
from tests.browser.standing import standing
from tests.fuzz.bodies import JSON, dumped

MB = 2**20


@dataclass(frozen=True)
class Scene:
    """A deployed endpoint and its desk.

    Parameters
    ----------
    home : Home
        Of its own, with nights that were scored.
    served : Served
        The endpoint's process, behind the proxy.
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
        # Their own children read Parquet, and may end at a file that is malformed.
        workers = psutil.Process(self.served.pid).children()
        found = {f"worker {number}": one for number, one in enumerate(workers)}
        beside = {"proxy": proxy.running(self.home), "desk": desk.running(self.home)}
        return found | {name: psutil.Process(one.pid) for name, one in beside.items() if one}

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
        """Give what the logs say of exceptions that nobody caught."""
        logs = [Path(self.served.log), self.home.endpoint / "desk.log"]
        lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()]
        return [line for line in lines if line.startswith("Traceback") or "Exception in" in line]

    @property
    def documents(self) -> list[str]:
        """Give the addresses of the OpenAPI documents, the endpoint's and the desk's."""
        return [f"{self.url}/openapi.json", f"{self.url}{SCHEMA}"]


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """Have an endpoint and a desk run; stop them afterwards."""
    with standing(folder) as (place, _):
        served = switch.recorded(place.home)
        assert served is not None
        here = Scene(place.home, served)
        # A body that is good must be taken, or breaking it would prove nothing.
        with httpx.Client(base_url=here.url, timeout=60, trust_env=False) as client:
            for path, body in (("/classify", here.curves), ("/score", here.score)):
                client.post(path, content=dumped(body), headers={"Content-Type": JSON}).raise_for_status()
        yield here
