"""A registry without files and an endpoint without processes, both of which can be cut short at any step."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from starloop.errors import NotPromoted
from starloop.model.registry import Registry
from tests.model import racing

if TYPE_CHECKING:
    from mlflow import MlflowClient

_WRITES = (
    "create_model_version",
    "set_registered_model_alias",
    "delete_registered_model_alias",
    "set_model_version_tag",
)


class Crash(BaseException):
    """The process ends here."""


class Fuse:
    """Ends the process after so many steps; unlit, never."""

    def __init__(self) -> None:
        self.left: int | None = None

    def step(self) -> None:
        """Pass one point at which a process may end."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise Crash


class Client:
    """MLflow's client, which may end before and after each write, and remembers where it moved the champion to."""

    def __init__(self, client: "MlflowClient", fuse: Fuse) -> None:
        self.by_hand, self._fuse = client, fuse
        self.moves: list[int] = []

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.by_hand, name)
        return self._cut(name, real) if name in _WRITES else real

    def _cut(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def write(*words: Any, **more: Any) -> Any:
            self._fuse.step()
            told = real(*words, **more)
            if name == "set_registered_model_alias" and words[1] == "champion":
                self.moves.append(int(words[2]))
            self._fuse.step()
            return told

        return write


def registry(uri: str, versions: int, fuse: Fuse) -> Registry:
    """Give a registry of so many versions that were never promoted, and an empty ledger."""
    racing.registry(uri, versions)
    fresh = Registry(uri)
    fresh.__dict__["_client"] = Client(racing.client(uri), fuse)
    return fresh


class Endpoint:
    """Serves one version; some do not start, some answer wrongly, and the process may end at any step."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse
        self.running: int | None = None
        self.broken: dict[int, str] = {}
        self.switches: list[int] = []

    def serve(self, version: int) -> int:
        """Serve a version, or raise `NotPromoted` and leave the other one."""
        self._fuse.step()
        if self.broken.get(version) == "start":
            raise NotPromoted(f"version {version} failed while it started")
        self._fuse.step()
        if self.broken.get(version) == "smoke":
            raise NotPromoted(f"version {version} failed its smoke test: its version is 0, not {version}")
        self._fuse.step()
        if version != self.running:
            self.running = version
            self.switches.append(version)
        self._fuse.step()
        return version

    def served(self) -> int | None:
        """Tell the version that answers."""
        return self.running
