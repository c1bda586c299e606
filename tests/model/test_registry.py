"""The registry, on a real MLflow with SQLite."""

from pathlib import Path

import pytest

from starloop.errors import BadInput, NotPromoted
from starloop.model.bundle import BOOSTER, FACTS, Classifier
from starloop.model.registry import Registry

pytestmark = pytest.mark.timeout(120)


# MLflow's first migration takes some ten seconds, so the tests share one registry and follow each other.
@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    folder = tmp_path_factory.mktemp("registry")
    return Registry(f"sqlite:///{folder / 'mlflow.db'}", folder / "artifacts")


@pytest.fixture(scope="module")
def versions(registry: Registry, model: Path, other_model: Path) -> tuple[int, int]:
    assert registry.champion() is None
    return registry.register(model, {"macro_f1": 0.9}), registry.register(other_model, {"macro_f1": 0.8})


def test_versions_are_promoted_by_comparison_and_rolled_back(registry: Registry, versions: tuple[int, int]) -> None:
    first, second = versions
    assert registry.aliases() == {"challenger": second}
    registry.promote(first, None, by="test")
    assert registry.aliases() == {"champion": first, "challenger": second}
    with pytest.raises(NotPromoted, match=f"the champion is version {first}, not None"):
        registry.promote(second, None)
    registry.promote(second, first)
    registry.promote(second, first)
    assert registry.aliases() == {"champion": second, "previous": first}
    assert registry.rollback() == first
    assert registry.aliases() == {"champion": first, "previous": second}
    assert registry.rollback(second) == second
    assert registry.rollback(second) == second
    assert registry.aliases() == {"champion": second, "previous": first}
    with pytest.raises(BadInput, match="no version 99"):
        registry.rollback(99)


def test_a_version_remembers_when_and_by_whom_it_was_moved(registry: Registry, versions: tuple[int, int]) -> None:
    from mlflow import MlflowClient

    tags = MlflowClient(registry.uri, registry.uri).get_model_version("starloop", str(versions[0])).tags
    assert {"promoted_at", "promoted_by", "demoted_at"} <= set(tags)
    assert tags["night"] == "2020-03-01"


def test_a_version_comes_back_whole(registry: Registry, versions: tuple[int, int], model: Path, tmp_path: Path) -> None:
    folder = registry.fetch(versions[0], tmp_path / "fetched")
    assert sorted(path.name for path in tmp_path.rglob("*")) == [BOOSTER, FACTS, "fetched"]
    for name in (BOOSTER, FACTS):
        assert (folder / name).read_bytes() == (model / name).read_bytes()
    Classifier.load(folder)


def test_registering_the_same_model_again_gives_the_same_version(
    registry: Registry, versions: tuple[int, int], model: Path
) -> None:
    assert registry.register(model, {}) == versions[0]


def test_mlflow_itself_can_load_a_version(registry: Registry, versions: tuple[int, int]) -> None:
    import mlflow

    stored = mlflow.MlflowClient(registry.uri, registry.uri).get_model_version("starloop", str(versions[0]))
    assert mlflow.xgboost.load_model(stored.source).num_features() == 2
