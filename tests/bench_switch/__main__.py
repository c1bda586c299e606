"""Switches and rollbacks under load: no request fails, and a rollback takes seconds."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from starloop.endpoint import build, client, switch
from starloop.endpoint.process import Served
from starloop.errors import NotPromoted, StarloopError
from starloop.nights.store import Home
from tests.bench.table import Row, show
from tests.bench_switch.load import load, read
from tests.endpoint import toys

RATE = 50.0
"""Requests a second."""
ROLLBACK_S = 10.0
"""The bar of a rollback to the version that served before."""


class Scene:
    """A home with an endpoint, and what its switches took and left."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, Home(folder / "home")
        self.switches: list[float] = []
        self.rollbacks: list[float] = []
        self.attempts = self.refused = self.kept = 0

    def tag(self, version: int) -> str:
        """Build a version."""
        return build.build(self.home, toys.toy_model(self.folder / f"v{version}", f"{version:032d}"), version)

    def deploy(self, tag: str, version: int, took: list[float]) -> Served:
        """Deploy a version, until the endpoint's address answers with it."""
        began = time.monotonic()
        served = switch.deploy(self.home, tag, version)
        self._serves(version)
        took.append(time.monotonic() - began)
        return served

    def attempt(self, make: Callable[[], str], version: int, serving: int) -> None:
        """Deploy a version that must be refused while another one serves."""
        self.attempts += 1
        try:
            switch.deploy(self.home, make(), version)
        except NotPromoted as why:
            self.refused += 1
            print(f"refused: {why}", flush=True)  # noqa: T201
        self._serves(serving)
        self.kept += 1

    def _serves(self, version: int) -> None:
        served = switch.current(self.home)
        assert served is not None, f"version {version} should serve, and nothing does"
        assert (served.version, client.model(served.url)["version"]) == (version, version)


def main() -> int:
    """Print the table; 1 when a bar is missed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        scene = Scene(folder)
        tags = {version: scene.tag(version) for version in (1, 2, 3, 4)}
        try:
            first = scene.deploy(tags[1], 1, [])
            with load(first.url, RATE, folder / "seen"):
                scene.deploy(tags[2], 2, scene.switches)
                scene.deploy(tags[3], 3, scene.switches)
                crashing = folder / "crashing"
                scene.attempt(lambda: toys.crashing(scene.home, folder / "v3", 8, crashing), 8, serving=3)
                scene.attempt(lambda: toys.lying(scene.home, folder / "v3", 9), 9, serving=3)
                scene.deploy(tags[2], 2, scene.rollbacks)
                scene.deploy(tags[4], 4, scene.switches)
                scene.deploy(tags[2], 2, scene.rollbacks)
                cold: list[float] = []
                scene.deploy(tags[1], 1, cold)
        except StarloopError as failure:
            print(f"ended early, at {RATE:.0f} requests a second: {failure}")  # noqa: T201
            return 1
        finally:
            switch.stop(scene.home)
        return _table(scene, cold[0], folder / "seen")


def _table(scene: Scene, cold: float, file: Path) -> int:
    seen = read(file)
    failed = [one for one in seen if one["status"] != 200]
    for one in failed[:5]:
        print(f"failed: {one}")  # noqa: T201
    rate = (len(seen) - 1) / (seen[-1]["due"] - seen[0]["due"])
    rows = [
        Row("requests a second, all due at their own time", rate, 0.99 * RATE, at_least=True),
        Row(f"failed of {len(seen)} requests", len(failed), 0),
        Row("switches", len(scene.switches), 3, at_least=True),
        Row("rollbacks", len(scene.rollbacks), 2, at_least=True),
        Row("the slowest rollback", max(scene.rollbacks), ROLLBACK_S, "s"),
        Row("bad versions refused (one crashes, one lies)", scene.refused, scene.attempts, at_least=True),
        Row("and the version before them answered on", scene.kept, scene.attempts, at_least=True),
    ]
    met = show("Switching under load", rows)
    latencies = 1000 * np.quantile([one["seconds"] for one in seen], [0.5, 0.99, 1.0])
    switches = ", ".join(f"{seconds:.1f} s" for seconds in scene.switches)
    print(  # noqa: T201
        f"switches took {switches}; a rollback to a version that is not warm {cold:.1f} s\n"
        "latency p50 {:.0f} ms, p99 {:.0f} ms, longest {:.0f} ms".format(*latencies)
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
