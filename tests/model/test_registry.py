"""The registry, on a real MLflow with SQLite."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from starloop.errors import BadInput, NotPromoted
from starloop.model import promotions, retention
from starloop.model.bundle import BOOSTER, FACTS, FOREST, Classifier
from starloop.model.registry import MODEL, Registry
from starloop.model.retention import RegistryParams

if TYPE_CHECKING:
    from mlflow import MlflowClient

pytestmark = pytest.mark.timeout(120)
TRIALS = [
    {"number": 0, "params": {"eta": 0.1, "max_depth": 4}, "value": 0.41},
    {"number": 1, "params": {"eta": 0.3, "max_depth": 2}, "value": 0.38},
]


# MLflow's first migration takes some ten seconds, so the tests share one registry and follow each other.
@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("registry")
    return Registry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an evaluation: metrics, a card and a plot."""
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "plots").mkdir()
    (folder / "metrics.json").write_text(json.dumps({"macro_f1": 0.9, "objects": 40, "classes": {"RRL": {"f1": 1}}}))
    (folder / "card.md").write_text("# What it knows")
    (folder / "plots" / "confusion.svg").write_text("<svg/>")
    return folder


@pytest.fixture(scope="module")
def searched(other_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose knobs were searched for."""
    folder = shutil.copytree(other_model, tmp_path_factory.mktemp("searched") / "model")
    (folder / "search.json").write_text(json.dumps(TRIALS))
    return folder


@pytest.fixture(scope="module")
def versions(registry: Registry, model: Path, searched: Path, evaluation: Path) -> tuple[int, int]:
    assert registry.champion() is None
    return registry.register(model, evaluation), registry.register(searched, evaluation)


@pytest.fixture
def client(registry: Registry) -> "MlflowClient":
    from mlflow import MlflowClient

    return MlflowClient(registry.uri, registry.uri)


def test_versions_are_promoted_by_comparison_and_rolled_back(registry: Registry, versions: tuple[int, int]) -> None:
    first, second = versions
    assert registry.aliases() == {"challenger": second}
    registry.promote(first, None, why="first", who="test")
    assert registry.aliases() == {"champion": first, "challenger": second}
    with pytest.raises(NotPromoted, match=f"the champion is version {first}, not None"):
        registry.promote(second, None, why="late")
    registry.promote(second, first, why="better")
    registry.promote(second, first, why="asked for again")
    assert registry.aliases() == {"champion": second, "previous": first}
    assert registry.rollback() == first
    assert registry.aliases() == {"champion": first}
    with pytest.raises(BadInput, match="no previous champion to roll back to"):
        registry.rollback()
    assert registry.rollback(second) == second
    assert registry.rollback(second) == second
    assert registry.aliases() == {"champion": second, "previous": first}
    with pytest.raises(BadInput, match="no version 99"):
        registry.rollback(99)


def test_every_move_of_the_champion_is_in_the_ledger(registry: Registry, versions: tuple[int, int]) -> None:
    first, second = versions
    moves = [(entry.old, entry.new, entry.why) for entry in registry.history()]
    assert moves == [
        (None, first, "first"),
        (first, second, "better"),
        (second, first, "rollback"),
        (first, second, "rollback"),
    ]
    assert [entry.who for entry in registry.history()] == ["test", *[promotions.user()] * 3]


def test_a_version_names_its_data_set_code_and_features(
    client: "MlflowClient", versions: tuple[int, int], model: Path
) -> None:
    tags = client.get_model_version(MODEL, str(versions[0])).tags
    bundle = Classifier.load(model).bundle
    for name in ("night", "sky", "origin", "git_revision", "dataset_md5", "feature_schema"):
        assert tags[name] == getattr(bundle, name)


def test_a_run_shows_its_metrics_and_every_file_of_its_evaluation(
    client: "MlflowClient", versions: tuple[int, int]
) -> None:
    run = client.get_run(client.get_model_version(MODEL, str(versions[0])).run_id)
    assert run.data.metrics == {"macro_f1": 0.9, "objects": 40}
    shown = {
        file.path
        for folder in ("evaluation", "evaluation/plots")
        for file in client.list_artifacts(run.info.run_id, folder)
    }
    assert shown == {
        "evaluation/metrics.json",
        "evaluation/card.md",
        "evaluation/plots",
        "evaluation/plots/confusion.svg",
    }


def test_the_trials_of_a_search_are_runs_below_the_model_s(client: "MlflowClient", versions: tuple[int, int]) -> None:
    parent = client.get_run(client.get_model_version(MODEL, str(versions[1])).run_id).info
    below = client.search_runs([parent.experiment_id], f"tags.mlflow.parentRunId = '{parent.run_id}'")
    told = {run.info.run_name: (run.data.params, run.data.metrics, run.info.status) for run in below}
    assert told == {
        "trial 0": ({"eta": "0.1", "max_depth": "4"}, {"log_loss": 0.41}, "FINISHED"),
        "trial 1": ({"eta": "0.3", "max_depth": "2"}, {"log_loss": 0.38}, "FINISHED"),
    }
    assert "training/search.json" in [file.path for file in client.list_artifacts(parent.run_id, "training")]


def test_a_version_comes_back_whole(registry: Registry, versions: tuple[int, int], model: Path, tmp_path: Path) -> None:
    folder = registry.fetch(versions[0], tmp_path / "fetched")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [BOOSTER, FACTS, "fetched", FOREST]
    for name in (BOOSTER, FACTS, FOREST):
        assert (folder / name).read_bytes() == (model / name).read_bytes()
    Classifier.load(folder)


def test_registering_the_same_model_again_gives_the_same_version(
    registry: Registry, versions: tuple[int, int], model: Path, evaluation: Path
) -> None:
    assert registry.register(model, evaluation) == versions[0]


def test_mlflow_itself_can_load_a_version(registry: Registry, versions: tuple[int, int]) -> None:
    import mlflow

    stored = mlflow.MlflowClient(registry.uri, registry.uri).get_model_version("starloop", str(versions[0]))
    assert mlflow.xgboost.load_model(stored.source).num_features() == 2


def test_the_newest_versions_and_every_former_champion_are_kept_and_the_rest_is_marked(
    registry: Registry, versions: tuple[int, int], client: "MlflowClient"
) -> None:
    never_champion = [
        int(client.create_model_version(MODEL, "s3://nowhere", await_creation_for=None).version) for _ in range(4)
    ]
    assert retention.mark(registry, RegistryParams(keep=2)) == never_champion[:2]
    tags = registry.versions()
    assert tags[never_champion[0]]["delete"].startswith("since 20")
    assert not any("delete" in tags[version] for version in (*versions, *never_champion[2:]))
    assert retention.mark(registry, RegistryParams(keep=2)) == never_champion[:2]
    assert registry.versions()[never_champion[0]] == tags[never_champion[0]]
    assert set(registry.versions()) == {*versions, *never_champion}


def test_a_marked_version_that_becomes_champion_is_kept_again(registry: Registry, versions: tuple[int, int]) -> None:
    marked = retention.mark(registry, RegistryParams(keep=1))
    registry.rollback(marked[0])
    assert marked[0] not in retention.mark(registry, RegistryParams(keep=1))
    assert "delete" not in registry.versions()[marked[0]]
