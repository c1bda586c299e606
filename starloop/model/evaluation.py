"""How good a model's answers are, on objects it has not seen."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.model.bundle import Bundle, Classifier
from starloop.model.calibration import Ints, Reals
from starloop.model.dataset import labelled
from starloop.nights.store import Home, write_json, write_table

_BINS = 10


def evaluate(classifier: Classifier, test: pa.Table) -> dict[str, Any]:
    """Score a model on labelled rows.

    Parameters
    ----------
    classifier : Classifier
        The model.
    test : pa.Table
        Labelled rows of a data set; rows of leaves the model does not know are counted, not scored.

    Returns
    -------
    dict
        As `scores`, and ``unknown``: rows a leaf that is left out.
    """
    known, truth = truths(classifier.bundle, test)
    left_out = test.filter(pa.array(~known))["label"].value_counts().to_pylist()
    result = scores(classifier.bundle, truth, classifier.probabilities(test.filter(pa.array(known))))
    return {**result, "unknown": {entry["values"]: entry["counts"] for entry in left_out}}


def truths(bundle: Bundle, test: pa.Table) -> tuple[np.ndarray[Any, np.dtype[np.bool_]], Ints]:
    """Tell which rows a model knows the class of, and give the class's index for those."""
    names = [bundle.trained_as(leaf) for leaf in test["label"].to_pylist()]
    known = np.array([name is not None for name in names], dtype=bool)
    truth = np.array([bundle.classes.index(name) for name in names if name is not None], dtype=np.int64)
    return known, truth


def scores(bundle: Bundle, truth: Ints, probabilities: Reals) -> dict[str, Any]:
    """Compare calibrated probabilities with the truth.

    Parameters
    ----------
    bundle : Bundle
        Names the classes and has their thresholds.
    truth : ndarray, shape (n,)
        Index of the true class.
    probabilities : ndarray, shape (n, classes)
        Calibrated.

    Returns
    -------
    dict
        ``classes`` (per class: precision, recall, f1, support, of the most probable class; null where undefined),
        ``macro_f1`` over the classes with support, ``constant_macro_f1`` (of always answering the commonest class),
        ``accuracy``, ``majority_rate``, ``coverage`` (share of objects with
        a decision), ``decided_accuracy`` (of those), ``abstained`` (their number),
        ``calibration_error`` (expected, ten bins), ``confusion`` (rows are true classes), ``objects``.
    """
    size, n = len(bundle.classes), len(truth)
    answer = probabilities.argmax(axis=1)
    confusion = np.zeros((size, size), dtype=np.int64)
    np.add.at(confusion, (truth, answer), 1)
    best = probabilities.max(axis=1)
    decided = best >= np.array([bundle.thresholds[name] for name in bundle.classes])[answer]
    right = truth == answer
    return {
        "objects": n,
        "classes": {name: _of_class(confusion, number) for number, name in enumerate(bundle.classes)},
        "macro_f1": macro_f1(confusion) if n else None,
        "constant_macro_f1": macro_f1(_constant(confusion)) if n else None,
        "accuracy": _share(int(right.sum()), n),
        "majority_rate": _share(int(np.bincount(truth, minlength=1).max()), n),
        "coverage": _share(int(decided.sum()), n),
        "decided_accuracy": _share(int((right & decided).sum()), int(decided.sum())),
        "abstained": int((~decided).sum()),
        "calibration_error": _calibration_error(best, right) if n else None,
        "confusion": {"classes": bundle.classes, "counts": confusion.tolist()},
    }


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """Give the numbers of `scores` that stand for the whole."""
    return {name: value for name, value in result.items() if value is None or isinstance(value, int | float)}


def macro_f1(confusion: np.ndarray[Any, np.dtype[np.int64]]) -> float:
    """Give the mean F1 of the classes that have true objects; rows are true classes."""
    right, true, told = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    present = true > 0
    return round(float((2 * right[present] / (true + told)[present]).mean()), 6) if present.any() else 0.0


def write(home: Home) -> None:
    """Score the home's model on the test rows of its data set: ``metrics.json`` and ``predictions.parquet``."""
    classifier = Classifier.load(home.model)
    test = labelled(pq.read_table(home.dataset), "test")
    probabilities = classifier.probabilities(test)
    predictions = test.select(["oid", "night", "label"]).append_column(
        "decision", pa.array(classifier.decide(probabilities), pa.string())
    )
    for number, name in enumerate(classifier.bundle.classes):
        predictions = predictions.append_column(f"p_{name}", pa.array(probabilities[:, number]))
    write_table(predictions, home.evaluation / "predictions.parquet")
    write_json(evaluate(classifier, test), home.evaluation / "metrics.json")


def _of_class(confusion: np.ndarray[Any, np.dtype[np.int64]], number: int) -> dict[str, Any]:
    right, true, told = int(confusion[number, number]), int(confusion[number].sum()), int(confusion[:, number].sum())
    return {
        "precision": _share(right, told),
        "recall": _share(right, true),
        "f1": _share(2 * right, true + told),
        "support": true,
    }


def _calibration_error(best: Reals, right: np.ndarray[Any, np.dtype[np.bool_]]) -> float:
    """Give the mean distance between what was said and what came true (Naeini et al. 2015)."""
    place = np.minimum((best * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.abs(np.bincount(place, best, _BINS) - np.bincount(place, right, _BINS))
    return round(float(gaps.sum() / len(best)), 6)


def _constant(confusion: np.ndarray[Any, np.dtype[np.int64]]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Give the confusion of a model that always answers the commonest class."""
    true = confusion.sum(axis=1)
    answers = np.zeros_like(confusion)
    answers[:, true.argmax()] = true
    return answers


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
