"""When a challenger is trained by itself, and when a retraining is refused."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from starloop.errors import BadInput
from starloop.features import schema
from starloop.model import dataset
from starloop.model.due import automatic, due
from starloop.model.params import RetrainParams
from starloop.model.tries import PROMOTED, REFUSED, TAKEN_BACK, Try, in_vain
from starloop.model.worth import Refusal, refusal
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_table

PARAMS = RetrainParams(first_labels=60, growth=0.5, give_up=3)
NEW = "of tonight"


def _try(version: int, verdict: str, labelled: int = 100, **changed: Any) -> Try:
    told = {"reasons": "worse\nslower", "lesson": f"of {version}", "feature_schema": schema.digest()}
    return Try(version=version, verdict=verdict, labelled=labelled, **told | changed)


def _refused(*versions: int, labelled: int = 100) -> list[Try]:
    return [_try(version, REFUSED, labelled) for version in versions]


def _asked(reason: str, tries: list[Try], labelled: int = 100, lesson: str = NEW) -> Refusal | None:
    return refusal(reason, lesson, labelled, tries, PARAMS)


@pytest.mark.parametrize("verdict", [PROMOTED, REFUSED, TAKEN_BACK])
@pytest.mark.parametrize("reason", ["requested", "drift"])
def test_nothing_is_trained_on_what_any_version_has_learned_from(verdict: str, reason: str) -> None:
    tries = [_try(3, REFUSED), _try(2, verdict, lesson=NEW), _try(1, PROMOTED)]
    told = _asked(reason, tries)
    assert told is not None
    assert (told.verdict, told.version, told.refused) == ("refused: nothing new", 2, 0)
    assert f"version 2 ({verdict})" in told.reasons[0]


def test_after_three_refusals_in_a_row_the_loop_stops_and_says_what_the_gate_said() -> None:
    told = _asked("drift", _refused(5, 4, 3))
    assert told is not None
    assert told.refused == 3
    assert "version 3 refused, version 4 refused, version 5 refused" in told.reasons[0]
    assert told.reasons[1:] == ["worse", "slower"]
    assert _asked("drift", _refused(5, 4)) is None


def test_a_person_may_still_ask_after_them() -> None:
    assert _asked("requested", _refused(5, 4, 3)) is None
    assert _asked("the new survey has begun", _refused(5, 4, 3)) is None


def test_a_promotion_or_new_labels_begin_the_count_again() -> None:
    assert _asked("growth: 200 labelled objects", [*_refused(7, 6), _try(5, PROMOTED), *_refused(4, 3)]) is None
    assert _asked("drift", _refused(5, 4, 3), labelled=149) is not None
    assert _asked("drift", _refused(5, 4, 3), labelled=150) is None


def test_a_version_that_was_taken_back_did_not_pass_either() -> None:
    assert [one.version for one in in_vain([_try(3, TAKEN_BACK), *_refused(2), _try(1, PROMOTED)], 100, 0.5)] == [3, 2]


def test_only_the_loop_s_own_reasons_are_automatic() -> None:
    assert [automatic(reason) for reason in ("drift", "growth: 9 labelled objects", "requested", "driftwood")] == [
        True,
        True,
        False,
        False,
    ]


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """A data set of a hundred labelled objects."""
    path = tmp_path / "dataset.parquet"
    write_table(pa.table({"split": ["train", "test"] * 50, "label": ["RRL"] * 100}), path)
    return path


def test_a_first_champion_is_tried_once_and_again_with_half_as_many_labels_more(labels: Path) -> None:
    reason = due(labels, None, [], PARAMS)
    assert reason == "first champion: 100 labelled objects"
    assert automatic(reason)
    assert due(labels, None, _refused(1, labelled=67), PARAMS) is None
    assert due(labels, None, _refused(1, labelled=66), PARAMS) is not None
    assert due(labels, None, [_try(1, REFUSED, feature_schema="of other code")], PARAMS) is not None


def test_a_champion_that_cannot_be_read_does_not_wait_for_labels(labels: Path) -> None:
    reason = due(labels, None, _refused(1), PARAMS, unreadable=True)
    assert reason is not None
    assert automatic(reason)


def test_a_night_that_is_not_in_the_data_set_is_one_clear_error(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.features.mkdir()
    for night in ("2020-03-01", "2020-03-02", "2020-03-04"):
        (home.features / f"{night}.parquet").touch()
    latest = Night.parse("2020-03-03")
    dataset.require(home, latest, ["2020-03-02", "2020-03-01"])
    with pytest.raises(BadInput, match="up to 2020-03-03 lacks the night 2020-03-04 that asks"):
        dataset.require(home, latest, ["2020-03-02", "2020-03-04"])
