"""The search obeys its budget, never ends worse than it began, and tells every trial."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from starloop import pipeline
from starloop.model import search as searching
from starloop.model import training
from starloop.model.bundle import Classifier
from starloop.model.params import SearchParams, TrainParams
from starloop.model.search import SPACE, search
from starloop.nights.store import Home
from tests.model.conftest import COUNTS, FACTS
from tests.model.noisy import noisy

PARAMS = TrainParams(rounds=15, patience=3, eta=0.3, max_depth=3, folds=2)


def _with(trials: int, seconds: float = 600) -> TrainParams:
    return PARAMS.model_copy(update={"search": SearchParams(trials=trials, seconds=seconds)})


def test_without_trials_the_knobs_stay_and_optuna_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    assert search(noisy(), _with(0)) == (_with(0), [])


def test_the_best_of_the_trials_is_taken_and_the_given_knobs_are_the_first() -> None:
    rows = noisy(n=200)
    params, trials = search(rows, _with(4))
    assert [one["number"] for one in trials] == [0, 1, 2, 3]
    assert trials[0]["params"] == {name: getattr(PARAMS, name) for name in SPACE}
    best = min(trials, key=lambda one: one["value"])
    assert {name: getattr(params, name) for name in SPACE} == best["params"]
    assert params.model_copy(update=trials[0]["params"]) == _with(4)
    assert search(rows, _with(4)) == (params, trials)
    for one in trials:
        assert all(low <= one["params"][name] <= high for name, (low, high) in SPACE.items())


def test_no_trial_begins_after_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "_value", lambda rows, params: params.eta)
    over = _with(50, seconds=1e-9)
    assert search(noisy(n=200), over) == (over, [])


def test_a_model_folder_tells_its_search_and_the_knobs_it_led_to(toy: Callable[..., pa.Table], tmp_path: Path) -> None:
    folder = training.fit(toy(COUNTS), _with(2), FACTS, tmp_path / "model")
    trials = json.loads((folder / "search.json").read_text())
    assert [sorted(one) for one in trials] == [["number", "params", "value"]] * 2
    used = Classifier.load(folder).bundle.parameters
    assert {name: used[name] for name in SPACE} == min(trials, key=lambda one: one["value"])["params"]


def test_a_search_that_is_asked_for_holds_for_the_next_training_only(tmp_path: Path) -> None:
    home = Home(tmp_path)
    (tmp_path / "params.yaml").write_text((pipeline.ROOT / "params.yaml").read_text())
    before = pipeline.params(home)
    pipeline.search(home, 7)
    after = pipeline.params(home)
    assert after.train.search.trials == 7
    unchanged = {"train": after.train.model_copy(update={"search": before.train.search})}
    assert after.model_copy(update=unchanged) == before
