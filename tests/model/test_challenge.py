"""A trained model on its way into the registry: judged against the champion that is really there."""

import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from starloop.errors import NotPromoted, OldModel
from starloop.model import promotions, tries
from starloop.model.challenge import challenge
from starloop.model.gate import Verdict
from starloop.model.registry import MODEL, Registry
from starloop.nights.store import Home, write_json, write_table
from starloop.params import Params

pytestmark = pytest.mark.timeout(120)
PARAMS = Params.model_validate({"registry": {"keep": 1}})
LESSON = "a" * 64


# MLflow's first migration takes some ten seconds, so the tests share one registry and follow each other.
@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("registry")
    return Registry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")


@pytest.fixture(scope="module")
def home(rows: pa.Table, model: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a data set, a model trained on it, and its evaluation."""
    home = Home(tmp_path_factory.mktemp("home"))
    write_table(rows, home.dataset)
    write_json({"macro_f1": 0.9}, home.evaluation / "metrics.json")
    shutil.copytree(model, home.model)
    return home


def test_a_first_champion_passes_the_floors_and_the_ledger_says_for_whom(registry: Registry, home: Home) -> None:
    told = challenge(home, registry, PARAMS, "first labels", LESSON, "nightly", ["2020-03-01"])
    assert told["promoted"]
    (entry,) = registry.history()
    assert (entry.old, entry.new, entry.who, entry.why) == (None, told["version"], "nightly", "first labels")
    assert challenge(home, registry, PARAMS, "again", LESSON)["reasons"] == ["it is the champion already"]


def test_a_version_tells_what_became_of_it(registry: Registry) -> None:
    tags = registry.versions()[1]
    assert (tags["verdict"], tags["why"], tags["nights"]) == (tries.PROMOTED, "again", "")
    (one,) = tries.tried(registry)
    assert (one.version, one.verdict, one.lesson, one.labelled) == (1, tries.PROMOTED, LESSON, 160)


def test_a_challenger_takes_the_place_of_the_champion_it_was_compared_with(
    registry: Registry, home: Home, other_model: Path
) -> None:
    shutil.rmtree(home.model)
    shutil.copytree(other_model, home.model)
    told = challenge(home, registry, PARAMS, "drift", LESSON)
    assert told["promoted"], told["reasons"]
    assert told["scores"]["champion_macro_f1"] > 0.9
    assert registry.aliases() == {"champion": 2, "previous": 1}
    assert not any("delete" in tags for tags in registry.versions().values())


def test_a_champion_set_by_hand_is_the_one_that_is_compared_with(
    registry: Registry, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mlflow import MlflowClient

    monkeypatch.setattr(promotions, "_LOOK_AGAIN_S", 0.05)
    MlflowClient(registry.uri, registry.uri).set_registered_model_alias(MODEL, "champion", "1")
    assert challenge(home, registry, PARAMS, "drift", LESSON)["promoted"]
    moves = [(entry.old, entry.new, entry.why) for entry in registry.history()]
    assert moves[2:] == [(2, 1, promotions.BY_HAND), (1, 2, "drift")]


def test_a_champion_that_cannot_be_read_any_more_gives_way_to_one_that_passes_the_floors(
    registry: Registry, home: Home, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> Path:
        raise OldModel("it is a bundle of form 1")

    monkeypatch.setattr(registry, "fetch", unreadable)
    shutil.rmtree(home.model)
    shutil.copytree(model, home.model)
    told = challenge(home, registry, PARAMS, "new code", LESSON)
    assert told["promoted"]
    assert told["reasons"][0] == "the champion cannot be compared with: it is a bundle of form 1"


def test_a_challenger_that_the_gate_refuses_is_kept_with_what_it_said(
    registry: Registry, home: Home, other_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("starloop.model.challenge.decide", lambda *_: Verdict(False, ["worse", "and slower"], {}))
    shutil.rmtree(home.model)
    shutil.copytree(other_model, home.model)
    told = challenge(home, registry, PARAMS, "drift", "b" * 64, "me", ["2020-03-01", "2020-03-02"])
    assert (told["promoted"], told["verdict"], told["reasons"]) == (False, "refused", ["worse", "and slower"])
    tags = registry.versions()[told["version"]]
    assert (tags["verdict"], tags["why"], tags["nights"]) == ("refused", "drift", "2020-03-01 2020-03-02")
    assert tries.tried(registry)[0].reasons == "worse\nand slower"


def test_a_champion_that_appears_during_the_comparison_keeps_its_place(
    registry: Registry, home: Home, other_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion = registry.champion()
    shutil.rmtree(home.model)
    shutil.copytree(other_model, home.model)
    late = registry._client.create_model_version(MODEL, "s3://nowhere", await_creation_for=None)

    def meanwhile(*_: object) -> Verdict:
        registry.promote(int(late.version), champion, why="faster")
        return Verdict(True, [], {})

    monkeypatch.setattr("starloop.model.challenge.decide", meanwhile)
    with pytest.raises(NotPromoted, match=f"the champion is version {late.version}, not {champion}"):
        challenge(home, registry, PARAMS, "slower", LESSON)
    assert registry.champion() == int(late.version)
    assert "slower" not in {tags.get("why") for tags in registry.versions().values()}
