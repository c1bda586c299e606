"""The DVC stage `evaluate` on a night of a small simulated sky."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from starloop.evaluation.stage import write
from starloop.evaluation.tested import cut_short
from starloop.features import partitions
from starloop.features.assembly import TABLES
from starloop.model import dataset, training
from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.params import DatasetParams, TrainParams
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_table
from starloop.sky.simulator.write import make_sky

NIGHT = Night.parse("2021-06-30")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a model of a night in which every object was seen."""
    folder = tmp_path_factory.mktemp("evaluated")
    sky = make_sky(folder / "sky", objects=90, seed=3, kinds=["RRAB", "SNIA", "MIRA"], tess=0, workers=1)
    home = Home(folder / "home")
    for name in (*TABLES, "catalogues"):
        write_table(sky.read(name), home.good(NIGHT) / f"{name}.parquet")
    partitions.update(home, NIGHT)
    write_table(dataset.build(home, NIGHT, DatasetParams()), home.dataset)
    facts = {"night": str(NIGHT), "sky": "small", "origin": "simulated", "git_revision": "0" * 40}
    training.train(home, TrainParams(rounds=15, folds=2, max_depth=3, eta=0.3), facts)
    return home


def contents(home: Home) -> dict[str, bytes]:
    write(home)
    return {path.name: path.read_bytes() for path in sorted(home.evaluation.iterdir())}


def test_the_stage_leaves_scores_predictions_and_a_card_and_the_same_bytes_again(home: Home) -> None:
    first = contents(home)
    assert {"metrics.json", "predictions.parquet", "card.md", "card.html", "confusion.svg", "by_length.svg"} <= set(
        first
    )
    assert contents(home) == first
    metrics = json.loads(first["metrics.json"])
    assert [row["days"] for row in metrics["by_length"]] == ["16", "32", "64", "128", "256", "512", "1024", "all"]
    whole = metrics["by_length"][-1]
    assert (whole["macro_f1"], whole["accuracy"]) == (metrics["macro_f1"], metrics["accuracy"])
    assert f"| macro-F1 | {metrics['macro_f1']:.2f} (" in first["card.md"].decode()


def test_the_objects_that_are_cut_short_are_test_objects(home: Home) -> None:
    classifier, rows = Classifier.load(home.model), labelled(pq.read_table(home.dataset), "test")
    for features in cut_short(home, classifier, rows).values():
        assert set(features["oid"].to_pylist()) <= set(rows["oid"].to_pylist())
        assert features["label"].null_count == 0


def test_a_card_stays_cheap_however_many_are_tested(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starloop.evaluation.tested.MOST", 5)
    classifier, rows = Classifier.load(home.model), labelled(pq.read_table(home.dataset), "test")
    assert {len(features) for features in cut_short(home, classifier, rows).values()} == {5}


def test_without_the_nights_rows_the_card_says_that_lengths_were_not_measured(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path)
    for name in ("model", "dataset.parquet"):
        (other.root / name).symlink_to(home.root / name)
    files = contents(other)
    assert json.loads(files["metrics.json"])["by_length"] == []
    assert "Not measured" in files["card.md"].decode()
