"""Whether a challenger may take the champion's place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from starloop.model.bundle import Classifier
from starloop.model.calibration import Ints
from starloop.model.evaluation import evaluate, macro_f1
from starloop.model.matching import Matched, match
from starloop.model.params import GateParams


@dataclass(frozen=True)
class Verdict:
    """The gate's answer.

    Parameters
    ----------
    promote : bool
        Whether the challenger may take the champion's place.
    reasons : list of str
        One sentence a condition, in the order they were looked at.
    scores : dict
        The numbers behind them.
    """

    promote: bool
    reasons: list[str]
    scores: dict[str, Any]


def decide(challenger: Classifier, champion: Classifier | None, test: pa.Table, params: GateParams) -> Verdict:
    """Judge a challenger on the frozen test rows.

    Against a champion, the lower bound of the paired bootstrap's macro-F1 difference must not lie below the tolerance,
    and no class may lose more recall than its tolerance, on the classes both know. A loss must be beyond chance, by the
    same bootstrap with its confidence shared among the classes: otherwise two equally good models would mostly hold
    each other back, as soon as there are a dozen classes of some twenty objects. Without a champion, or with one whose
    features the code no longer computes, absolute floors hold instead.

    Parameters
    ----------
    challenger, champion : Classifier
        The models; no champion for the first.
    test : pa.Table
        Labelled test rows of the data set.
    params : GateParams
        The tolerances and floors.
    """
    if champion is None:
        return first(challenger, test, params, "there is no champion to compare with")
    if champion.bundle.feature_schema != challenger.bundle.feature_schema:
        return first(challenger, test, params, "the champion was trained with features that are no longer extracted")
    matched = match(challenger, champion, test)
    if not matched.truth.size:
        return Verdict(False, ["no test object has a class both models know"], {"objects": 0})
    return compare(matched, params)


def compare(matched: Matched, params: GateParams) -> Verdict:
    """Judge two models' answers for the same objects."""
    cells, counts = _cells(matched)
    size = len(matched.classes)
    draws = np.random.default_rng(params.seed).multinomial(counts.sum(), counts / counts.sum(), params.bootstrap)
    new, old = (_confusions(np.vstack([counts, draws]), cells, size, which) for which in (1, 2))
    difference = macro_f1(new) - macro_f1(old)
    lower = float(np.quantile(difference[1:], 1 - params.confidence))
    losses = _losses(matched.classes, new, old, params)
    not_worse = lower >= -params.tolerance
    reasons = [
        f"macro-F1 {macro_f1(new)[0]:.3f} against {macro_f1(old)[0]:.3f} on {counts.sum()} objects: the difference "
        f"is above {lower:+.3f} at {params.confidence:.0%} confidence, {'within' if not_worse else 'beyond'} "
        f"the tolerance of {-params.tolerance:+.3f}"
    ]
    reasons += losses or [f"no class lost more recall than {params.class_tolerance:.2f}"]
    numbers = {
        "objects": int(counts.sum()),
        "challenger_macro_f1": round(float(macro_f1(new)[0]), 6),
        "champion_macro_f1": round(float(macro_f1(old)[0]), 6),
        "difference": round(float(difference[0]), 6),
        "lower_bound": round(lower, 6),
        "challenger_recall": _recalls(matched.classes, new[0]),
        "champion_recall": _recalls(matched.classes, old[0]),
    }
    return Verdict(not_worse and not losses, reasons, numbers)


def first(challenger: Classifier, test: pa.Table, params: GateParams, why: str) -> Verdict:
    """Judge a challenger that cannot be compared with a champion by absolute floors; `why` is the first reason."""
    result = evaluate(challenger, test)
    if not result["objects"]:
        return Verdict(False, [why, "no test object has a class the challenger knows"], {"objects": 0})
    good = result["macro_f1"] >= params.floor_macro_f1
    # Not the accuracy: the classes are weighted alike in training, and a rare one is worth some of the commonest.
    useful = result["macro_f1"] > result["constant_macro_f1"]
    reasons = [
        why,
        f"macro-F1 {result['macro_f1']:.3f} is {'at or above' if good else 'below'} "
        f"the floor of {params.floor_macro_f1:.3f}",
        f"macro-F1 {result['macro_f1']:.3f} is {'above' if useful else 'not above'} "
        f"{result['constant_macro_f1']:.3f}, that of always answering the commonest class",
    ]
    names = ("objects", "macro_f1", "constant_macro_f1", "accuracy", "majority_rate")
    return Verdict(good and useful, reasons, {name: result[name] for name in names})


def _cells(matched: Matched) -> tuple[Ints, Ints]:
    """Count objects by (truth, challenger's answer, champion's answer): all a resample of objects can change."""
    triples = np.stack([matched.truth, matched.challenger, matched.champion], axis=1)
    cells, counts = np.unique(triples, axis=0, return_counts=True)
    return cells, counts


def _confusions(draws: Ints, cells: Ints, size: int, which: int) -> Ints:
    """Give one confusion matrix a draw, shape (draws, size, size), rows are true classes; an answer may be -1."""
    place = cells[:, 0] * (size + 1) + cells[:, which] % (size + 1)
    spread = np.zeros((len(cells), size * (size + 1)), dtype=np.int64)
    spread[np.arange(len(cells)), place] = 1
    result: Ints = (draws @ spread).reshape(len(draws), size, size + 1)
    return result


def _recalls(classes: list[str], confusion: Ints) -> dict[str, float]:
    true = confusion.sum(axis=1)
    return {
        name: round(int(confusion[number, number]) / int(true[number]), 6)
        for number, name in enumerate(classes)
        if true[number]
    }


def _losses(classes: list[str], new: Ints, old: Ints, params: GateParams) -> list[str]:
    """Name the classes whose recall fell too far, beyond chance; confusions with the observed one first."""
    sentences = []
    chance = (1 - params.confidence) / len(classes)
    for number, name in enumerate(classes):
        lost = old[:, number, number] - new[:, number, number]
        support = old[:, number].sum(axis=1)
        if lost[0] <= max(1.0, params.class_tolerance * support[0]):
            continue
        drawn = support[1:] > 0
        if np.quantile(lost[1:][drawn] / support[1:][drawn], chance) > 0:
            sentences.append(
                f"{name} lost {lost[0]} of {support[0]} objects: its recall fell by {lost[0] / support[0]:.2f}, "
                f"more than {params.class_tolerance:.2f}"
            )
    return sentences
