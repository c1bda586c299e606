"""Which sky this process works on, and where its home is."""

import datetime as dt
import json
import logging
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from starloop import pipeline, settings
from starloop.archives.config import Archives, Credentials
from starloop.errors import BadInput, NotPromoted, StarloopError
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_json
from starloop.settings import Settings
from starloop.sky.tables import Sky, open_sky

if TYPE_CHECKING:
    from starloop.endpoint.cluster import Released
    from starloop.endpoint.process import Served
    from starloop.model.bundle import Classifier
    from starloop.model.registry import Registry

ZTF_BEGINS = Night(dt.date(2018, 3, 17))
"""First night of the ZTF survey (Bellm et al. 2019, doi:10.1088/1538-3873/aaecbe)."""


@dataclass(frozen=True)
class Workspace:
    """A sky and its home.

    Parameters
    ----------
    settings : Settings
        The environment.
    sky : Sky or None
        The sky directory, or None for the real archives.
    home : Home
        Where its nights, models and reports live.
    """

    settings: Settings
    sky: Sky | None
    home: Home

    @property
    def name(self) -> str:
        """The sky's name; ``live`` for the real archives."""
        return self.sky.name if self.sky else "live"

    @property
    def origin(self) -> str:
        """``simulated``, ``recorded`` or ``live``."""
        return self.sky.origin if self.sky else "live"

    @property
    def first(self) -> Night:
        """The first night there is."""
        return Night.at(self.sky.first_mjd) if self.sky else ZTF_BEGINS

    @property
    def last(self) -> Night:
        """The last complete night there is: the sky's last, or yesterday (UTC)."""
        if self.sky:
            return Night.at(self.sky.last_mjd)
        return Night(dt.datetime.now(dt.UTC).date()).back(1)

    def night(self, text: str | None) -> Night:
        """Give the night asked for, the last one unless named; raise `BadInput` outside the sky."""
        if text is None:
            return self.last
        night = Night.parse(text)
        if night < self.first:
            raise BadInput(f"night {night} is before the sky {self.name} begins: its first night is {self.first}")
        if night > self.last:
            raise BadInput(f"night {night} is in the future of the sky {self.name}: its last night is {self.last}")
        return night

    def span(self, first: str, last: str) -> list[Night]:
        """Give the nights from one to another, both included; raise `BadInput` for a backward or outlying span."""
        begin, end = self.night(first), self.night(last)
        if end < begin:
            raise BadInput(f"the backfill ends ({end}) before it begins ({begin}): give the earlier night first")
        return list(begin.until(end))

    def processed(self, text: str | None) -> Night:
        """Give a night that has been processed, the latest one unless named; raise `BadInput` without one."""
        kept = sorted(path.stem for path in (self.home.root / "ledger").glob("????-??-??.json"))
        if text is None and kept:
            return Night.parse(kept[-1])
        if text is None or str(self.night(text)) not in kept:
            raise BadInput(f"{self.home.root} holds no processed night {text or ''}: run `starloop nightly` first")
        return Night.parse(text)

    def registry(self) -> "Registry":
        """Give the registry: of the configured server, or in an SQLite file in the home."""
        from starloop.model.registry import Registry

        uri = self.settings.mlflow_uri or f"sqlite:///{self.home.mlflow_db.resolve()}"
        return Registry(uri, self.home.artifacts)

    def champion(self) -> "tuple[int, Classifier] | None":
        """Give the champion's version and the classifier itself, or None before the first."""
        from starloop.model.bundle import Classifier

        registry = self.registry()
        version = registry.champion()
        if version is None:
            return None
        return version, Classifier.load(registry.fetch(version, self.home.version(version)))

    def serve(self, version: int) -> "Served | Released":
        """Put a version behind the endpoint of the target, and give what serves; one that serves already is tested.

        Raises
        ------
        NotPromoted
            When the version does not start or fails its smoke test; the old one still serves.
        """
        if self.settings.target == "cluster":
            from starloop.endpoint import cluster

            return cluster.deploy(self.settings.cluster, version)
        from starloop.endpoint import build, switch
        from starloop.pages import process as desk

        try:
            folder = self.registry().fetch(version, self.home.version(version))
        except BadInput as broken:
            raise NotPromoted(f"version {version} cannot be served: {broken}") from broken
        served = switch.deploy(
            self.home,
            build.build(self.home, folder, version),
            version,
            self.settings.ports.endpoint,
            answer_within_s=self.settings.answer_within_s,
            trial=self.settings.canary,
        )
        desk.ensure(self)
        return served

    def restart(self) -> "Served":
        """Bring back the endpoint that was deployed, and the desk beside it, as `switch.restart`."""
        from starloop.endpoint import switch
        from starloop.pages import process as desk

        served = switch.restart(self.home)
        desk.ensure(self)
        return served

    def endpoint(self) -> "Served | Released | None":
        """Give what serves; None when nothing does."""
        if self.settings.target == "cluster":
            from starloop.endpoint import cluster

            return cluster.current(self.settings.cluster)
        from starloop.endpoint import switch

        return switch.current(self.home)

    def served(self) -> int | None:
        """Ask the endpoint which version answers; None when nothing does."""
        from starloop.endpoint import client

        try:
            running = self.endpoint()
            return int(client.model(running.url)["version"]) if running else None
        except StarloopError:
            return None

    @contextmanager
    def archives(self, night: Night, credentials: Credentials | None = None) -> Iterator[Archives]:
        """Give the archives as they stood at the end of a night; a sky directory is served meanwhile.

        The credentials are those of the environment unless given; a served sky is shown none.
        """
        if self.sky is None:
            shown = {"credentials": credentials or self.settings.credentials}
            yield self.settings.archives.model_copy(update=shown)
            return
        from starloop.sky.server.host import serving

        with serving(self.sky, night) as served:
            yield served.archives

    def revision(self) -> str:
        """The git revision of the code; raise `BadInput` where it cannot be told honestly."""
        if self.settings.git_revision:
            return self.settings.git_revision
        try:
            revision = _git("rev-parse", "HEAD")
            changed = _git("status", "--porcelain", "--untracked-files=no")
        except (OSError, subprocess.CalledProcessError):
            raise BadInput(
                f"{pipeline.ROOT} is not a git repository with a commit: a model must name the code that made it; "
                "run from a clone, or set STARLOOP_GIT_REVISION"
            ) from None
        if changed and not self.settings.allow_dirty:
            raise BadInput(
                f"the code has uncommitted changes ({changed.splitlines()[0].strip()}, ...): commit or stash them, "
                "or set STARLOOP_ALLOW_DIRTY=1 to run with the revision marked -dirty"
            )
        return f"{revision}-dirty" if changed else revision

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other run from moving the home to another night; wait for one that is under way.

        Runs of one process may nest. The lock goes with the process that holds it, however it ends.
        """
        from filelock import FileLock, Timeout

        self.home.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.home.root / ".run.lock", thread_local=False, is_singleton=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            logging.getLogger(__name__).warning("another run works in %s: waiting until it ends", self.home.root)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()

    def stand_at(self, night: Night) -> None:
        """Make the home a DVC project that stands at a night; raise `BadInput` where it cannot be one."""
        pipeline.open_project(self.home, self.settings.dvc_remote)
        pipeline.stand_at(self.home, night, self.revision(), self.name, self.origin)


@cache
def current() -> Workspace:
    """Open the workspace the environment describes, once a process.

    Raises
    ------
    BadInput
        When the sky cannot be opened, or the home holds another sky's nights.
    """
    configured = settings.load()
    sky = _sky(configured.sky)
    # Absolute: it is told to subprocesses that stand elsewhere.
    home = Home((configured.home or Path("data") / (sky.name if sky else "live")).resolve())
    if sky:
        _same_sky(home, sky)
    return Workspace(configured, sky, home)


def _sky(name: str) -> Sky | None:
    if name == "live":
        return None
    if name == "embedded":
        from starloop.sky.simulator.embedded import embedded_sky

        return embedded_sky(pipeline.ROOT / "data" / "skies")
    folder = Path(name)
    if not folder.is_dir():
        raise BadInput(f"STARLOOP_SKY={name} is neither `embedded`, `live` nor a folder: give the path of a sky")
    return open_sky(folder)


def _same_sky(home: Home, sky: Sky) -> None:
    known, told = home.root / "sky.json", json.loads((sky.folder / "sky.json").read_text())
    if known.exists() and json.loads(known.read_text()) != told:
        raise BadInput(
            f"{home.root} holds nights of another sky named {sky.name}, or of an earlier one: "
            "move it away, or set STARLOOP_HOME to a new folder"
        )
    home.root.mkdir(parents=True, exist_ok=True)
    write_json(told, known)


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(pipeline.ROOT), *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()
