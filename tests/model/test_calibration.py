"""A calibration is chosen on folds it was not fitted to, and makes probabilities what they say."""

import numpy as np
import pytest
from pydantic import ValidationError

from starloop.model.calibrating import calibrate, log_loss
from starloop.model.calibration import Calibration, Ints, Reals, softmax

N = 4000


def _drawn(seed: int = 0, n: int = N) -> tuple[Reals, Ints, Ints]:
    """Draw logits, and truths that follow their probabilities; with a fold each."""
    rng = np.random.default_rng(seed)
    logits = 2 * rng.normal(size=(n, 3))
    truth = (softmax(logits).cumsum(axis=1) < rng.uniform(size=(n, 1))).sum(axis=1)
    return logits, truth, np.arange(n) % 5


def test_one_temperature_is_chosen_where_one_is_enough() -> None:
    logits, truth, fold = _drawn()
    found = calibrate(softmax(3 * logits), truth, fold, np.ones(3))
    assert found.method == "temperature"
    assert found.scales == pytest.approx([1 / 3] * 3, rel=0.1)
    assert found.offsets == [0, 0, 0]


def test_a_line_a_class_is_chosen_where_classes_are_wrong_in_their_own_ways() -> None:
    logits, truth, fold = _drawn()
    raw = softmax(2 * logits + np.array([0.0, 1.5, -1.0]))
    found = calibrate(raw, truth, fold, np.ones(3))
    assert found.method.startswith("vector")
    assert log_loss(raw, truth) > log_loss(softmax(logits), truth) + 0.2
    assert log_loss(found.applied(raw), truth) == pytest.approx(log_loss(softmax(logits), truth), abs=0.005)


def test_few_objects_do_not_bear_a_line_a_class() -> None:
    logits, truth, fold = _drawn(seed=1, n=40)
    found = calibrate(softmax(logits), truth, fold, np.ones(3))
    spread = np.ptp(np.log(found.scales))
    assert spread < 0.5


def test_the_weights_of_the_training_are_undone() -> None:
    logits, truth, fold = _drawn()
    weights = np.array([0.2, 1.0, 4.0])
    raw = softmax(logits + np.log(weights))
    found = calibrate(raw, truth, fold, weights)
    assert log_loss(found.applied(raw), truth) == pytest.approx(log_loss(softmax(logits), truth), abs=0.005)


def test_a_calibration_keeps_the_order_of_rows_that_differ_only_in_sureness_and_sums_to_one() -> None:
    calibration = Calibration(method="temperature", scales=[0.5, 0.5], offsets=[0.1, 0.0])
    raw = np.array([[0.0, 1.0], [0.2, 0.8], [0.6, 0.4], [1.0, 0.0]])
    applied = calibration.applied(raw)
    np.testing.assert_allclose(applied.sum(axis=1), 1)
    assert np.all(np.diff(applied[:, 0]) > 0)
    assert calibration.applied(raw[:0]).shape == (0, 2)


def test_scales_and_offsets_are_one_each_a_class() -> None:
    with pytest.raises(ValidationError, match="2 scales and 1 offsets are not one a class"):
        Calibration(method="temperature", scales=[1, 1], offsets=[0])
