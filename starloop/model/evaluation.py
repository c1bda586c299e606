"""How good a model's answers are, on objects it has not seen: the numbers the gate and the registry use."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.model.bundle import Bundle, Classifier
from starloop.model.calibration import Ints, Reals

BINS = 10


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


def truths(bundle: Bundle, test: pa.Table) -> tuple[NDArray[np.bool_], Ints]:
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
        ``classes`` (per class: precision, recall, f1, support, of the answer; null where undefined),
        ``macro_f1`` over the classes with support, ``constant_macro_f1`` (of always answering the commonest class),
        ``accuracy``, ``majority_rate``, ``coverage`` (share of objects with
        a decision), ``decided_accuracy`` (of those), ``abstained`` (their number),
        ``calibration_error`` (expected, ten bins, of the most probable class), ``objects``,
        ``confusion`` (rows are true classes).
    """
    n = len(truth)
    answer = bundle.answers(probabilities)
    counts = confusion(truth, answer, len(bundle.classes))
    thresholds = np.array([bundle.thresholds[name] for name in bundle.classes])
    decided = probabilities[np.arange(n), answer] >= thresholds[answer]
    right = truth == answer
    best = probabilities.max(axis=1, initial=0.0)
    return {
        "objects": n,
        "classes": _classes(bundle.classes, counts),
        "macro_f1": _rounded(macro_f1(counts)),
        "constant_macro_f1": _rounded(macro_f1(_constant(counts))),
        "accuracy": _share(int(right.sum()), n),
        "majority_rate": _share(int(np.bincount(truth, minlength=1).max()), n),
        "coverage": _share(int(decided.sum()), n),
        "decided_accuracy": _share(int((right & decided).sum()), int(decided.sum())),
        "abstained": int((~decided).sum()),
        "calibration_error": _rounded(calibration_error(best, truth == probabilities.argmax(axis=1))),
        "confusion": {"classes": bundle.classes, "counts": counts.tolist()},
    }


def summary(result: dict[str, Any]) -> dict[str, Any]:
    """Give the numbers of `scores` that stand for the whole."""
    return {name: value for name, value in result.items() if value is None or isinstance(value, int | float)}


def confusion(truth: Ints, answer: Ints, size: int) -> Ints:
    """Count answers, shape (size, size); rows are true classes."""
    counts = np.zeros((size, size), dtype=np.int64)
    np.add.at(counts, (truth, answer), 1)
    return counts


def class_scores(confusions: Ints) -> tuple[Reals, Reals, Reals]:
    """Give each class's precision, recall and F1, shape (..., size); NaN where undefined.

    Parameters
    ----------
    confusions : ndarray, shape (..., size, answers)
        Rows are true classes; answers after the first `size` are of no class.
    """
    size = confusions.shape[-2]
    right = np.diagonal(confusions[..., :size], axis1=-2, axis2=-1)
    true, told = confusions.sum(axis=-1), confusions.sum(axis=-2)[..., :size]
    with np.errstate(invalid="ignore"):
        return right / told, right / true, 2 * right / (true + told)


def macro_f1(confusions: Ints) -> Reals:
    """Give the mean F1 of the classes that have true objects, shape (...); NaN without any; as `class_scores`."""
    f1 = class_scores(confusions)[2]
    present = confusions.sum(axis=-1) > 0
    with np.errstate(invalid="ignore"):
        result: Reals = np.where(present, f1, 0.0).sum(axis=-1) / present.sum(axis=-1)
    return result


def calibration_bin(best: Reals) -> Ints:
    """Give the bin, of `BINS` of equal width, that each probability of the answer lies in."""
    return np.minimum((best * BINS).astype(np.int64), BINS - 1)


def calibration_error(best: Reals, right: NDArray[np.bool_]) -> float:
    """Give the mean distance between what was said, by bin, and what came true; NaN without objects.

    Parameters
    ----------
    best : ndarray, shape (n,)
        Probability that was given: of the most probable class, or of one class.
    right : ndarray, shape (n,)
        Whether that class is the true one.

    References
    ----------
    Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602
    """
    if not len(best):
        return float("nan")
    return float(np.abs(np.bincount(calibration_bin(best), best - right)).sum() / len(best))


def _classes(names: list[str], counts: Ints) -> dict[str, dict[str, Any]]:
    values = [[_rounded(one) for one in column] for column in class_scores(counts)]
    support = counts.sum(axis=1).tolist()
    return {
        name: {"precision": precision, "recall": recall, "f1": f1, "support": true}
        for name, precision, recall, f1, true in zip(names, *values, support, strict=True)
    }


def _constant(counts: Ints) -> Ints:
    """Give the confusion of a model that always answers the commonest class."""
    true = counts.sum(axis=1)
    answers = np.zeros_like(counts)
    answers[:, true.argmax()] = true
    return answers


def _rounded(value: float | Reals) -> float | None:
    return round(float(value), 6) if np.isfinite(value) else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None
