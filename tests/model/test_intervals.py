"""Intervals and calibration against cases whose answer is known."""

import numpy as np
import pytest

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import calibrated, headline, of_classes
from starloop.evaluation.intervals import resampled
from starloop.evaluation.precision_recall import average_precision, curve
from starloop.evaluation.reliability import reliability

CLASSES = ["SNIa", "RRL", "QSO"]


def said(truth: np.ndarray, answer: np.ndarray, best: float = 0.9) -> Answers:
    """Answer with one probability throughout."""
    probabilities = np.full((len(truth), 3), (1 - best) / 2)
    probabilities[np.arange(len(truth)), answer] = best
    return Answers(CLASSES, truth, probabilities, answer)


def forecast(objects: int, overconfident: float) -> Answers:
    """Draw the truth with the probabilities that are told, or with smaller ones."""
    rng = np.random.default_rng(4)
    best = rng.uniform(0.5, 0.95, objects)
    true = rng.uniform(size=objects) < best - overconfident
    probabilities = np.stack([best, 1 - best, np.zeros(objects)], axis=1)
    return Answers(CLASSES, np.where(true, 0, 1), probabilities, np.zeros(objects, dtype=np.int64))


def test_the_interval_of_an_accuracy_is_the_binomial_one() -> None:
    truth = np.arange(400) % 3
    answer = np.where(np.arange(400) < 300, truth, (truth + 1) % 3)
    one = headline(said(truth, answer)).accuracy
    half = 1.96 * np.sqrt(0.75 * 0.25 / 400)
    assert one.value == 0.75
    assert one.low == pytest.approx(0.75 - half, abs=0.006)
    assert one.high == pytest.approx(0.75 + half, abs=0.006)


def test_a_class_of_few_objects_has_a_wide_interval_and_one_without_objects_no_recall() -> None:
    truth = np.repeat([0, 1], [300, 6])
    answer = truth.copy()
    answer[::4] = 2
    figures = {one.name: one for one in of_classes(said(truth, answer))}
    widths = {name: one.recall.high - one.recall.low for name, one in figures.items()}
    assert widths["RRL"] > 3 * widths["SNIa"]
    assert figures["QSO"].support == 0
    assert np.isnan(figures["QSO"].recall.value)
    assert figures["QSO"].precision.value == 0


def test_the_same_objects_give_the_same_interval() -> None:
    answers = said(np.arange(50) % 3, np.arange(50) // 2 % 3)
    assert headline(answers) == headline(answers)


def test_many_rows_of_one_object_make_no_figure_surer() -> None:
    right = np.arange(100) % 4 > 0
    once = np.stack([right, ~right], axis=1).astype(np.int64)
    one, four = resampled(once)[:, 0] / 100, resampled(4 * once)[:, 0] / 400
    assert np.std(four) == pytest.approx(np.std(one))
    assert np.std(four) > 1.5 * np.std(resampled(np.repeat(once, 4, axis=0))[:, 0] / 400)


def test_a_perfectly_calibrated_forecaster_has_the_error_of_chance_and_lies_on_the_diagonal() -> None:
    answers = forecast(6_000, overconfident=0)
    found = calibrated(answers)
    assert found.error.value < 0.02
    assert found.error.value < 3 * found.chance
    bins = reliability(answers)
    assert bins.objects.sum() == 6_000
    assert ((bins.low <= bins.said) & (bins.said <= bins.high)).mean() >= 0.8


def test_an_overconfident_forecaster_shows_by_how_much() -> None:
    found = calibrated(forecast(6_000, overconfident=0.2))
    assert found.error.value == pytest.approx(0.2, abs=0.02)
    assert found.error.low < found.error.value < found.error.high
    assert found.chance < 0.01


def test_precision_and_recall_of_four_objects() -> None:
    true, probability = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    recall, precision = curve(true, probability)
    assert recall.tolist() == [0.5, 0.5, 1]
    assert precision == pytest.approx([1, 1 / 2, 2 / 3])
    assert average_precision(true, probability) == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_equal_probabilities_stand_or_fall_together() -> None:
    assert curve(np.array([True, False]), np.array([0.5, 0.5]))[1].tolist() == [0.5]
    assert average_precision(np.array([False, True]), np.array([0.5, 0.5])) == 0.5
