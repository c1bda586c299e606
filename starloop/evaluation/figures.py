"""The figures of a set of answers, each with its interval."""

from dataclasses import dataclass

import numpy as np

from starloop.evaluation.answers import Answers
from starloop.evaluation.intervals import Interval, calibration, chance_calibration, confusions, interval
from starloop.evaluation.precision_recall import average_precision
from starloop.model.calibration import Ints
from starloop.model.evaluation import calibration_error, class_scores, confusion, macro_f1


@dataclass(frozen=True)
class Headline:
    """What stands for the whole of some objects.

    Parameters
    ----------
    objects : int
        How many.
    classes : int
        How many classes they have.
    accuracy, macro_f1 : Interval
        Of the most probable class; macro over the classes that have objects.
    """

    objects: int
    classes: int
    accuracy: Interval
    macro_f1: Interval


@dataclass(frozen=True)
class ClassFigures:
    """One class; `support` is its number of true objects, `calibration_error` that of its own probability."""

    name: str
    support: int
    precision: Interval
    recall: Interval
    f1: Interval
    average_precision: float
    calibration_error: float


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error, and what perfect probabilities would show by chance on as many objects."""

    error: Interval
    chance: float


def headline(answers: Answers) -> Headline:
    """Give accuracy and macro-F1 of at least one object."""
    return headline_of(*_confusions(answers))


def of_classes(answers: Answers) -> list[ClassFigures]:
    """Give the figures of every class that has objects or was answered."""
    counts, drawn = _confusions(answers)
    values, spread = class_scores(counts), class_scores(drawn)
    figures = []
    for number, name in enumerate(answers.classes):
        if counts[number].any() or counts[:, number].any():
            precision, recall, f1 = (
                interval(float(one[number]), draws[:, number]) for one, draws in zip(values, spread, strict=True)
            )
            true, probability = answers.truth == number, answers.probabilities[:, number]
            area, error = average_precision(true, probability), calibration_error(probability, true)
            figures.append(ClassFigures(name, int(true.sum()), precision, recall, f1, area, error))
    return figures


def calibrated(answers: Answers) -> Calibration:
    """Give the calibration error."""
    return Calibration(calibration(answers), chance_calibration(answers))


def _confusions(answers: Answers) -> tuple[Ints, Ints]:
    return confusion(answers.truth, answers.answer, len(answers.classes)), confusions(answers)


def headline_of(counts: Ints, drawn: Ints) -> Headline:
    """Give the figures of a confusion matrix and of those of its resamples."""
    objects = int(counts.sum())
    right = np.trace(drawn, axis1=1, axis2=2) / drawn.sum(axis=(1, 2))
    return Headline(
        objects,
        int(counts.any(axis=1).sum()),
        interval(float(np.trace(counts)) / objects, right),
        interval(float(macro_f1(counts)), macro_f1(drawn)),
    )
