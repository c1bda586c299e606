"""Wrong labels are found, told to a person with what speaks against them, and right ones are left alone."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from starloop.model.label_noise import doubted, noise

Toy = Callable[..., pa.Table]
Fit = Callable[[pa.Table, Path], Path]


def _planted(table: pa.Table, every: int) -> tuple[pa.Table, set[str]]:
    """Give some training objects that are RRL the label QSO."""
    labels, split = table["label"].to_pylist(), table["split"].to_pylist()
    stars = [n for n, leaf in enumerate(labels) if leaf == "RRL" and split[n] == "train"][::every]
    for n in stars:
        labels[n] = "QSO"
    return (
        table.set_column(table.column_names.index("label"), "label", pa.array(labels, pa.string())),
        {table["oid"][n].as_py() for n in stars},
    )


def _listed(folder: Path) -> list[dict[str, str]]:
    with (folder / "suspects.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_planted_wrong_labels_are_listed_with_what_they_seem_to_be(toy: Toy, fit: Fit, tmp_path: Path) -> None:
    table, planted = _planted(toy({"SNIa": 80, "RRL": 80, "QSO": 80}), every=20)
    listed = _listed(fit(table, tmp_path / "model"))
    found = {one["oid"]: one for one in listed}
    assert planted <= set(found)
    assert len(found) <= len(planted) + 3
    for oid in planted:
        assert (found[oid]["label"], found[oid]["said"]) == ("QSO", "RRL")
        assert float(found[oid]["probability"]) > float(found[oid]["of_label"])


def test_right_labels_of_classes_that_stand_apart_are_hardly_suspected(model: Path) -> None:
    assert len(_listed(model)) <= 1


def test_the_share_of_wrong_labels_is_told_a_class() -> None:
    truth = np.repeat([0, 1], 10)
    probabilities = np.where(truth[:, None] == np.arange(2), 0.9, 0.1)
    probabilities[:2] = [0.05, 0.95]
    seems = doubted(probabilities, truth)
    assert seems.tolist() == [1, 1] + [0] * 8 + [1] * 10
    assert noise(seems, truth, ["A", "B"]) == {"A": 0.2, "B": 0.0}


def test_an_object_that_is_sure_of_nothing_is_not_suspected() -> None:
    truth = np.repeat([0, 1, 2], 10)
    probabilities = np.where(truth[:, None] == np.arange(3), 0.9, 0.05)
    probabilities[0] = [0.3, 0.4, 0.3]
    assert doubted(probabilities, truth)[0] == 0
