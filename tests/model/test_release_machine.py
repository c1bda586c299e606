"""Promotions, releases, failures and crashes in every order: what docs/adr/0008 promises."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from starloop import release
from starloop.errors import BadInput, NotPromoted
from starloop.model import promotions
from starloop.model.registry import MODEL
from starloop.nights.store import Home
from tests.model import standin

VERSIONS = 3
STEPS = 6
EXAMPLES = 16
PROMOTION, RELEASE = 5, 16
"""The last points at which a promotion, and its release, may be cut short."""
NAMED = st.none() | st.integers(1, VERSIONS)
OTHER = st.integers(1, VERSIONS - 1)
"""How far a version is from the champion."""
HEALTH = st.sampled_from(["well", "start", "smoke"])
CUT = st.none() | st.integers(0, PROMOTION) | st.integers(PROMOTION + 1, RELEASE)


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
        self.by_hand = 0

    @initialize()
    def a_first_champion_serves(self) -> None:
        self._promote(1)
        self._deploy(1)

    @rule(step=OTHER, health=HEALTH, cut=CUT)
    def a_challenger_passes_the_gate_and_is_deployed(self, step: int, health: str, cut: int | None) -> None:
        version = self._other(step)
        self.endpoint.broken[version] = health

        def both() -> None:
            self._promote(version)
            self._deploy(version)

        self._told(both, cut)

    @rule(version=NAMED, health=HEALTH, cut=CUT)
    def the_champion_is_deployed_again(self, version: int | None, health: str, cut: int | None) -> None:
        self.endpoint.broken[version or 1] = health
        self._told(lambda: self._deploy(version), cut)

    @rule(step=st.none() | OTHER, health=HEALTH, cut=CUT)
    def a_person_rolls_back(self, step: int | None, health: str, cut: int | None) -> None:
        version = step and self._other(step)
        self.endpoint.broken[version or 1] = health
        self._told(lambda: self._rollback(version), cut)

    @rule(version=NAMED)
    def the_alias_is_moved_or_taken_away_by_hand(self, version: int | None) -> None:
        if version is None:
            self.registry._client.by_hand.delete_registered_model_alias(MODEL, "champion")
        else:
            self.by_hand += 1
            self.registry._client.by_hand.set_registered_model_alias(MODEL, "champion", str(version))

    @rule()
    def the_endpoint_s_machine_is_started_again(self) -> None:
        self.endpoint.running = None

    @rule()
    def the_night_ends_with_a_deployment(self) -> None:
        """Whatever happened before, one deployment that comes to its end leaves all in order."""
        self._told(lambda: self._deploy(None), None)
        self._in_order()

    def teardown(self) -> None:
        self.the_night_ends_with_a_deployment()

    def _other(self, step: int) -> int:
        return ((self.registry.champion() or 1) + step - 1) % VERSIONS + 1

    def _promote(self, version: int) -> None:
        self.registry.promote(version, self.registry.settle(), why="passed the gate")

    def _deploy(self, version: int | None) -> None:
        assert release.deploy(self.home, self.registry, self.endpoint, version) == self.endpoint.running
        assert self.endpoint.running == self.registry.champion()

    def _rollback(self, version: int | None) -> None:
        told = release.rollback(self.home, self.registry, self.endpoint, version, why="by a person")
        assert told == self.endpoint.running == self.registry.champion()
        assert version in (None, told)

    def _told(self, what: Callable[[], None], cut: int | None) -> None:
        """Do something that may end with a sentence, or in the middle; with a sentence, what serves is champion."""
        serving, moves = self.endpoint.running, len(self.registry.history())
        self.fuse.left = cut
        try:
            what()
        except standin.Crash:
            pass
        except BadInput:
            assert self.endpoint.running == serving
        except NotPromoted:
            self.fuse.left = None
            assert self.endpoint.running == serving
            assert serving in (None, self.registry.champion())
            assert sum(entry.why.startswith("taken back") for entry in self.registry.history()[moves:]) <= 1
        finally:
            self.fuse.left = None

    def _in_order(self) -> None:
        ledger, champion, serving = self.registry.history(), self.registry.champion(), self.endpoint.running
        if not ledger:
            assert (champion, serving) == (None, None)
            return
        assert champion == ledger[-1].new
        assert serving == champion or (serving is None and self.endpoint.broken.get(champion, "well") != "well")
        assert [entry.old for entry in ledger[1:]] == [entry.new for entry in ledger[:-1]]
        assert ledger[-1].followed
        # Every move of the alias, and every switch of the endpoint, is an entry, in its order.
        assert _among(self.registry._client.moves, [entry.new for entry in ledger])
        assert _among(self.endpoint.switches, [entry.new for entry in ledger])
        assert sum(entry.why == promotions.BY_HAND for entry in ledger) <= self.by_hand
        for entry in ledger:
            if entry.why.startswith("taken back: "):
                assert f"version {entry.old} failed" in entry.why


def _among(told: Sequence[int], ledger: Sequence[int]) -> bool:
    """Tell whether the one follows the other, a repeated value being one."""
    rest, current = iter(ledger), None
    for version in told:
        while current != version:
            current = next(rest, None)
            if current is None:
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
