"""What is learnt is the same whatever the machine, honest about positions, and fair to rare classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.model import boosting
from starloop.model.boosting import Rows, folds, hold_out
from starloop.model.decision import answers
from starloop.model.evaluation import confusion, macro_f1
from starloop.model.learning import Learned, learn
from starloop.model.params import TrainParams
from starloop.model.thresholds import fit_thresholds, fit_weights
from tests.model.noisy import noisy

PARAMS = TrainParams(rounds=40, patience=5, eta=0.3, max_depth=3, folds=3)


@pytest.fixture(scope="module")
def rows() -> Rows:
    return noisy()


@pytest.fixture(scope="module")
def learned(rows: Rows) -> Learned:
    return learn(rows, PARAMS)


def _bytes(learned: Learned) -> tuple[bytes, bytes, str, list[float], list[float]]:
    facts = learned.calibration.model_dump_json(), learned.weights.tolist(), learned.thresholds
    return bytes(learned.booster.save_raw("ubj")), learned.out_of_fold.tobytes(), *facts


@pytest.mark.parametrize("together", [1, 3])
def test_how_many_folds_are_trained_at_once_changes_no_byte(
    rows: Rows, learned: Learned, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boosting, "_TOGETHER", together)
    assert _bytes(learn(rows, PARAMS)) == _bytes(learned)


def test_another_seed_is_another_model(rows: Rows, learned: Learned) -> None:
    assert _bytes(learn(rows, PARAMS.model_copy(update={"seed": 2})))[0] != _bytes(learned)[0]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=2), st.integers(2, 5), st.integers(0, 99))
def test_a_position_is_never_on_both_sides_of_a_fold(held: list[tuple[int, int]], number: int, seed: int) -> None:
    group, truth = (np.array(column) for column in zip(*held, strict=True))
    fold = folds(Rows(np.empty((len(truth), 0), np.float32), truth, group, [], 3), number, seed)
    assert all(len(set(fold[group == one].tolist())) == 1 for one in group)


def test_a_row_is_answered_by_a_booster_that_has_not_seen_its_position(rows: Rows) -> None:
    """A feature that is the position's own number betrays nothing out of fold when labels are drawn at random."""
    rng = np.random.default_rng(1)
    position = np.arange(len(rows.truth)) // 3
    truth = rng.integers(0, 2, position.max() + 1)[position]
    own = np.stack([np.sin(position * step) for step in (1.0, 7.0, 13.0)], axis=1).astype(np.float32)
    told = hold_out(Rows(own, truth, position, ["a", "b", "c"], 2), PARAMS)
    right = np.mean(told.probabilities.argmax(axis=1) == truth)
    split = hold_out(Rows(own, truth, np.arange(len(truth)), ["a", "b", "c"], 2), PARAMS)
    assert right < 0.6
    assert np.mean(split.probabilities.argmax(axis=1) == truth) > right + 0.15


def test_early_stopping_cuts_the_booster_of_all_rows_where_the_folds_found_best(learned: Learned) -> None:
    best = sorted(booster.num_boosted_rounds() for booster in learned.held_out.boosters)
    assert learned.rounds == best[1] < PARAMS.rounds
    assert learned.booster.num_boosted_rounds() == learned.rounds


def test_many_rows_are_held_out_in_two_halves(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosting, "_MANY_ROWS", 500)
    assert set(hold_out(rows, PARAMS).fold.tolist()) == {0, 1}


@pytest.mark.parametrize(("power", "ratio"), [(0, 1), (0.5, 5**0.5), (1, 5)])
def test_a_rare_class_weighs_more_by_a_power_of_its_rarity(rows: Rows, power: float, ratio: float) -> None:
    weights = rows.class_weights(power)
    assert weights[1] / weights[0] == pytest.approx(ratio)
    assert weights[rows.truth].mean() == pytest.approx(1)


def test_what_the_class_weights_added_is_taken_off_again(rows: Rows) -> None:
    held_out = hold_out(rows, PARAMS.model_copy(update={"class_weight": 1.0}))
    shares = np.bincount(rows.truth) / len(rows.truth)
    learned = learn(rows, PARAMS.model_copy(update={"class_weight": 1.0}))
    assert np.abs(held_out.probabilities.mean(axis=0) - shares).max() > 0.08
    np.testing.assert_allclose(learned.out_of_fold.mean(axis=0), shares, atol=0.04)


def test_rare_classes_count_more_where_macro_f1_gains_and_accuracy_does_not_lose() -> None:
    probabilities = np.repeat([[0.9, 0.1], [0.52, 0.48], [0.6, 0.4]], [80, 20, 10], axis=0)
    truth = np.repeat([0, 1, 0], [80, 20, 10])
    weights = fit_weights(probabilities, truth)
    assert weights[0] == 1
    assert answers(probabilities, weights).tolist() == truth.tolist()


@given(st.integers(0, 2**31))
def test_the_weights_never_cost_accuracy_or_macro_f1_on_what_they_are_chosen_on(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities, truth = rng.dirichlet([4, 1, 0.5], 60), rng.choice(3, 60, p=[0.7, 0.2, 0.1])
    plain = confusion(truth, probabilities.argmax(axis=1), 3)
    chosen = confusion(truth, answers(probabilities, fit_weights(probabilities, truth)), 3)
    assert macro_f1(chosen) >= macro_f1(plain)
    assert np.trace(chosen) >= np.trace(plain)


def test_a_threshold_is_the_lowest_probability_that_keeps_the_precision() -> None:
    said = np.array([0.95, 0.9, 0.8, 0.8, 0.7, 0.6])
    probabilities = np.column_stack([said, 1 - said])
    truth = np.array([0, 0, 0, 1, 0, 1])
    answer = np.zeros(6, dtype=np.int64)
    assert fit_thresholds(probabilities, answer, truth, 0.8) == [0.7, 0.5]
    assert fit_thresholds(probabilities, answer, truth, 0.9) == [0.9, 0.5]
    assert fit_thresholds(probabilities, 1 - answer, 1 - truth, 0.9)[0] == 0.5
