"""Promotions, releases, failures and crashes in every order: what docs/adr/0008 promises."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from starloop import release
from starloop.errors import BadInput, NotPromoted
from starloop.model import promotions
from starloop.model.registry import MODEL
from starloop.nights.store import Home
from tests.model import standin

VERSIONS = 4
STEPS = 14
EXAMPLES = 40
MOST_WRITES = 14
"""Points at which a release may be cut short, and a few more."""
VERSION = st.integers(1, VERSIONS)
NAMED = st.none() | VERSION


class Releases(RuleBasedStateMachine):
    """One registry, one endpoint, and everything that may happen to them."""

    database: str
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.fuse = standin.Fuse()
        self.registry = standin.registry(self.database, VERSIONS, self.fuse)
        self.endpoint = standin.Endpoint(self.fuse)
        self.home = Home(Path(mkdtemp(dir=self.folder)))

    def _deploy(self, version: int | None) -> None:
        assert release.deploy(self.home, self.registry, self.endpoint, version) == self.endpoint.running

    def _rollback(self, version: int | None) -> None:
        release.rollback(self.home, self.registry, self.endpoint, version, why="by a person")

    def _promote(self, version: int | None) -> None:
        self.registry.promote(version or 1, self.registry.settle(), why="passed the gate")

    @rule(version=VERSION)
    def promote(self, version: int) -> None:
        self._promote(version)
        assert self.registry.champion() == version

    @rule(version=VERSION, expected=NAMED)
    def promote_against_a_champion_of_some_time_ago(self, version: int, expected: int | None) -> None:
        champion = self.registry.settle()
        try:
            self.registry.promote(version, expected, why="late")
        except NotPromoted:
            assert champion not in (expected, version)
            assert self.registry.champion() == champion

    @rule(version=NAMED)
    def deploy(self, version: int | None) -> None:
        self._told(self._deploy, version)

    @rule(version=NAMED)
    def roll_back(self, version: int | None) -> None:
        self._told(self._rollback, version)

    @rule(version=VERSION, how=st.sampled_from(["start", "smoke"]))
    def a_version_breaks(self, version: int, how: str) -> None:
        self.endpoint.broken[version] = how

    @rule(version=VERSION)
    def a_version_works_again(self, version: int) -> None:
        self.endpoint.broken.pop(version, None)

    @rule()
    def the_endpoint_s_machine_is_started_again(self) -> None:
        self.endpoint.running = None

    @rule(version=VERSION)
    def the_alias_is_moved_by_hand(self, version: int) -> None:
        self.registry._client._client.set_registered_model_alias(MODEL, "champion", str(version))

    @rule()
    def the_alias_is_taken_away_by_hand(self) -> None:
        self.registry._client._client.delete_registered_model_alias(MODEL, "champion")

    @rule(
        what=st.sampled_from(["_promote", "_deploy", "_deploy", "_rollback"]),
        version=NAMED,
        after=st.integers(0, MOST_WRITES),
    )
    def the_process_ends_in_the_middle(self, what: str, version: int | None, after: int) -> None:
        self.fuse.left = after
        try:
            self._told(getattr(self, what), version)
        except standin.Crash:
            pass
        finally:
            self.fuse.left = None

    @rule()
    def the_night_ends_with_a_deployment(self) -> None:
        """Whatever happened before, a deployment that comes to its end leaves all in order; a second one at most."""
        for _ in range(2):
            if self._told(self._deploy, None):
                break
        self._in_order()

    def teardown(self) -> None:
        self.the_night_ends_with_a_deployment()

    def _told(self, what: Callable[[int | None], None], version: int | None) -> bool:
        """Do something that may end with a sentence; what is served is then champion, or nothing was changed."""
        before = (len(self.registry.history()), self.endpoint.running)
        try:
            what(version)
        except BadInput:
            assert self.endpoint.running == before[1]
            return False
        except NotPromoted:
            assert self.endpoint.running == before[1]
            assert self.endpoint.running in (None, self.registry.champion())
            return False
        return True

    def _in_order(self) -> None:
        ledger, champion = self.registry.history(), self.registry.champion()
        if not ledger:
            assert (champion, self.endpoint.running) == (None, None)
            return
        assert champion == ledger[-1].new
        served = self.endpoint.running
        assert served == champion or (served is None and champion in self.endpoint.broken)
        assert [entry.old for entry in ledger[1:]] == [entry.new for entry in ledger[:-1]]
        assert all(entry.followed for entry in ledger[-1:])
        # Every move of the alias, and every switch of the endpoint, is an entry, in its order.
        assert _among(self.registry._client.moves, [entry.new for entry in ledger])
        assert _among(self.endpoint.switches, [entry.new for entry in ledger])
        for entry in ledger:
            if entry.why.startswith("taken back: "):
                assert f"version {entry.old} failed" in entry.why


def _among(told: Sequence[int], ledger: Sequence[int]) -> bool:
    """Tell whether the one follows the other, a repeated value being one."""
    rest = iter(ledger)
    current: int | None = None
    for version in told:
        while current != version:
            try:
                current = next(rest)
            except StopIteration:
                return False
    return True


@pytest.mark.timeout(300)
def test_whatever_happens_the_ledger_explains_what_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promotions, "_LOOK_AGAIN_S", 0.0)
    monkeypatch.setattr(Releases, "database", f"sqlite:///{tmp_path / 'mlflow.db'}", raising=False)
    monkeypatch.setattr(Releases, "folder", tmp_path, raising=False)
    run_state_machine_as_test(
        Releases,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
