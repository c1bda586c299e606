"""The gate promotes what is not worse, and nothing else."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.model.gate import compare
from starloop.model.matching import Matched
from starloop.model.params import GateParams

CLASSES = ["A", "B", "C"]
PARAMS = GateParams(bootstrap=200)


def _matched(truth: list[int], challenger: list[int], champion: list[int]) -> Matched:
    return Matched(CLASSES, np.array(truth), np.array(challenger), np.array(champion))


answers = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(-1, 2)), min_size=1, max_size=60)


@given(answers)
@settings(max_examples=50)
def test_equal_answers_pass_and_a_better_model_never_scores_below_its_bound(rows: list[tuple[int, int, int]]) -> None:
    truth, mine, theirs = (list(column) for column in zip(*rows, strict=True))
    assert compare(_matched(truth, mine, mine), PARAMS).promote
    assert compare(_matched(truth, truth, theirs), PARAMS).promote
    assert compare(_matched(truth, mine, theirs), PARAMS) == compare(_matched(truth, mine, theirs), PARAMS)


@given(answers)
@settings(max_examples=50)
def test_macro_f1_and_recall_are_those_of_their_definition(rows: list[tuple[int, int, int]]) -> None:
    truth, mine, theirs = (np.array(column) for column in zip(*rows, strict=True))
    verdict = compare(Matched(CLASSES, truth, mine, theirs), PARAMS)
    f1 = [2 * np.sum((truth == c) & (mine == c)) / (np.sum(truth == c) + np.sum(mine == c)) for c in np.unique(truth)]
    np.testing.assert_allclose(verdict.scores["challenger_macro_f1"], np.mean(f1), atol=1e-6)
    for c in np.unique(truth):
        np.testing.assert_allclose(
            verdict.scores["champion_recall"][CLASSES[c]], np.mean(theirs[truth == c] == c), atol=1e-6
        )


def test_a_worse_model_is_held_back() -> None:
    truth = [0, 1, 2] * 60
    worse = [answer if row % 4 else (answer + 1) % 3 for row, answer in enumerate(truth)]
    verdict = compare(_matched(truth, worse, truth), PARAMS)
    assert not verdict.promote
    assert "beyond the tolerance" in verdict.reasons[0]


def test_a_class_that_is_sacrificed_holds_a_model_back_by_name() -> None:
    truth = [0] * 300 + [1] * 300 + [2] * 10
    champion = [0] * 200 + [1] * 400 + [2] * 10
    challenger = [0] * 300 + [1] * 300 + [2] * 5 + [0] * 5
    verdict = compare(_matched(truth, challenger, champion), GateParams(bootstrap=200, tolerance=1))
    assert not verdict.promote
    assert verdict.reasons[1] == "C lost 5 of 10 objects: its recall fell by 0.50, more than 0.15"


def test_one_object_of_a_small_class_is_no_evidence() -> None:
    truth = [0] * 100 + [1] * 3
    champion, challenger = truth, [0] * 100 + [1, 1, 0]
    assert compare(_matched(truth, challenger, champion), GateParams(bootstrap=200, tolerance=1)).promote


def test_a_small_class_that_is_lost_altogether_holds_a_model_back() -> None:
    truth = [0] * 100 + [1] * 3
    verdict = compare(_matched(truth, [0] * 103, truth), GateParams(bootstrap=200, tolerance=1))
    assert verdict.reasons[1:] == ["B lost 3 of 3 objects: its recall fell by 1.00, more than 0.15"]


def test_a_loss_that_chance_explains_holds_no_model_back() -> None:
    truth = [0] * 100 + [1] * 20
    champion, challenger = [0] * 100 + [1] * 16 + [0] * 4, [0] * 100 + [0] * 8 + [1] * 12
    assert compare(_matched(truth, challenger, champion), GateParams(bootstrap=200, tolerance=1)).promote


def test_two_equally_good_models_mostly_do_not_hold_each_other_back_by_one_class_of_fifteen() -> None:
    rng = np.random.default_rng(1)
    classes = [f"class {number}" for number in range(15)]
    truth = np.repeat(np.arange(15), 20)
    held_back = 0
    for _ in range(40):
        answers = [np.where(rng.uniform(size=truth.size) < 0.75, truth, rng.integers(0, 15, truth.size)) for _ in "12"]
        held_back += not compare(Matched(classes, truth, *answers), GateParams(bootstrap=400, tolerance=1)).promote
    assert held_back <= 10
