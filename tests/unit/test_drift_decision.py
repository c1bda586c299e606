"""What the latest nights say together: the sky, the archive, a bad night, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.drift.decision import decide
from starloop.drift.params import DriftParams
from starloop.drift.thresholds import moved, odd, quiet, table
from tasks.drift import event_of
from tasks.events import ArchiveChanged, BadNight, DriftDetected

PARAMS = DriftParams()
SKY = {"name": "newcomers", "group": "night", "what": "classes", "archive": None, "band": None}
OFFSET = {"name": "offset", "group": "IRSA releases r", "what": "calibration", "archive": "IRSA", "band": "r"}
NULLS = {"name": "nulls", "group": "ALeRCE detections rb", "what": "missing", "archive": "ALeRCE", "band": None}


def night(
    day: int, *signs: dict[str, Any], value: float = 0.9, noise: float = 0.01, objects: int = 220
) -> dict[str, Any]:
    measures = [{**sign, "value": value, "noise": noise, "objects": objects} for sign in signs]
    quiet_one = {**SKY, "value": 0.0, "noise": 0.01, "objects": objects}
    unknown = {**OFFSET, "group": "IRSA releases i", "value": None, "noise": 0.0, "objects": 2}
    return {"night": f"2020-06-{day:02d}", "objects": objects, "measures": [quiet_one, unknown, *measures]}


def test_ordinary_nights_ask_for_nothing() -> None:
    verdict = decide([night(17), night(18), night(19)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("none", [])


def test_two_nights_of_other_objects_are_a_changed_sky() -> None:
    verdict = decide([night(19), night(20, SKY), night(21, SKY)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("sky", ["2020-06-20", "2020-06-21"])
    assert verdict.reasons[0].startswith("2020-06-20: newcomers of night +0.9 (quiet up to")


def test_one_night_of_other_objects_is_not_enough() -> None:
    assert decide([night(19), night(20), night(21, SKY)], PARAMS).kind == "none"


def test_rows_that_change_and_stay_changed_are_the_archives_by_name() -> None:
    verdict = decide([night(19), night(20, OFFSET, NULLS), night(21, OFFSET)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("archive", ["2020-06-20", "2020-06-21"])
    assert (verdict.archives, verdict.bands, verdict.what) == (["IRSA"], ["r"], ["calibration"])


def test_rows_that_are_odd_on_the_newest_night_alone_are_a_bad_night() -> None:
    verdict = decide([night(18), night(19), night(20, OFFSET, SKY)], PARAMS)
    assert (verdict.kind, verdict.nights, verdict.what) == ("bad_night", ["2020-06-20"], ["calibration"])
    assert decide([night(18), night(19, OFFSET), night(20)], PARAMS).kind == "none"


def test_a_night_beyond_what_lasts_but_not_beyond_what_single_nights_show_is_weather() -> None:
    depth = {"name": "depth", "group": "IRSA releases g", "what": "depth", "archive": "IRSA", "band": "g"}
    weather = {"value": quiet("depth", depth["group"])[1] + 0.001, "noise": 0.0}
    assert moved({**depth, **weather}, 3)
    assert not odd({**depth, **weather}, 3)
    assert decide([night(19), night(20), night(21, depth, **weather)], PARAMS).kind == "none"
    assert decide([night(day, depth, **weather) for day in (20, 21)], PARAMS).what == ["depth"]


def test_two_nights_of_a_sky_that_moved_in_other_ways_are_no_changed_sky() -> None:
    confidence = {**SKY, "name": "confidence", "group": "answers"}
    assert decide([night(19), night(20, confidence), night(21, SKY)], PARAMS).kind == "none"


def test_two_odd_nights_that_are_odd_in_other_ways_are_no_changed_archive() -> None:
    assert decide([night(18), night(19, NULLS), night(20, OFFSET)], PARAMS).kind == "bad_night"


def test_a_changed_archive_explains_a_changed_sky() -> None:
    assert decide([night(20, SKY, OFFSET), night(21, SKY, OFFSET)], PARAMS).kind == "archive"
    assert decide([night(19, SKY), night(20, SKY, OFFSET), night(21)], PARAMS).kind == "none"


def test_a_sky_that_is_back_is_no_drift() -> None:
    assert decide([night(19, SKY), night(20, SKY), night(21)], PARAMS).kind == "none"


def test_a_night_with_too_few_objects_says_nothing_new() -> None:
    verdict = decide([night(22, SKY), night(23, SKY), night(24, objects=0)], PARAMS)
    assert (verdict.kind, verdict.reasons) == ("none", ["2020-06-24 has 0 objects, fewer than the 60 needed"])


def test_a_cloudy_night_in_between_takes_no_place() -> None:
    verdict = decide([night(23, SKY), night(24, objects=3), night(25, SKY)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("sky", ["2020-06-23", "2020-06-25"])


def test_nights_older_than_the_window_are_not_asked() -> None:
    assert decide([night(17, SKY), night(18), night(19), night(20, SKY)], PARAMS).kind == "none"


def test_no_night_at_all_is_no_drift() -> None:
    assert decide([], PARAMS).kind == "none"


def test_few_objects_have_to_move_farther() -> None:
    near = quiet("offset", OFFSET["group"])[1] + 0.05
    assert decide([night(20, OFFSET, value=near), night(21, OFFSET, value=near)], PARAMS).kind == "archive"
    few = [night(day, OFFSET, value=near, noise=0.05) for day in (20, 21)]
    assert decide(few, PARAMS).kind == "none"


def test_a_measure_that_nobody_calibrated_never_moves() -> None:
    assert not moved({**SKY, "name": "unheard of", "value": 1e9, "noise": 0.0}, 3.0)


def test_every_threshold_is_a_range() -> None:
    for name, groups in table().items():
        for group, bounds in groups.items():
            low, high = quiet(name, group)
            assert low < high, f"{name} of {group}"
            assert bounds.keys() <= {"low", "high", "odd_low", "odd_high"}
            assert bounds.get("odd_low", low) <= low < high <= bounds.get("odd_high", high)


def test_each_verdict_has_its_event_with_what_it_is_about() -> None:
    def told(*nights: dict[str, Any]) -> dict[str, Any]:
        return {**decide(nights, PARAMS).as_dict(), "night": "2020-06-21", "model_version": 3}

    sky = event_of(told(night(20, SKY), night(21, SKY)))
    assert isinstance(sky, DriftDetected)
    assert (sky.model_version, sky.nights) == (3, ["2020-06-20", "2020-06-21"])
    archive = event_of(told(night(20, OFFSET), night(21, OFFSET)))
    assert isinstance(archive, ArchiveChanged)
    assert (archive.archives, archive.bands, archive.what) == (["IRSA"], ["r"], ["calibration"])
    bad = event_of(told(night(20), night(21, NULLS)))
    assert isinstance(bad, BadNight)
    assert bad.night == "2020-06-21"
    assert event_of(told(night(20), night(21))) is None


def test_more_agreeing_nights_than_asked_nights_is_refused() -> None:
    with pytest.raises(ValueError, match="more than nights"):
        DriftParams(nights=2, agree=3)


nights = st.lists(st.sets(st.sampled_from([0, 1, 2])), min_size=1, max_size=6)


def built(shown: list[set[int]]) -> list[dict[str, Any]]:
    return [night(day, *([SKY, OFFSET, NULLS][one] for one in sorted(of))) for day, of in enumerate(shown, start=1)]


@given(nights)
def test_asking_for_more_agreement_never_finds_more_drift(shown: list[set[int]]) -> None:
    if decide(built(shown), DriftParams(agree=3)).kind == "sky":
        assert decide(built(shown), DriftParams(agree=2)).kind == "sky"


@given(nights)
def test_the_sky_is_never_blamed_on_a_night_whose_rows_are_odd(shown: list[set[int]]) -> None:
    verdict = decide(built(shown), PARAMS)
    if verdict.kind == "sky":
        assert all(shown[int(name[-2:]) - 1] == {0} for name in verdict.nights)
        assert shown[-1] == {0}


@given(nights, st.randoms())
def test_the_order_of_the_nights_does_not_matter(shown: list[set[int]], random: Any) -> None:
    given_nights = built(shown)
    assert decide(random.sample(given_nights, len(given_nights)), PARAMS) == decide(given_nights, PARAMS)
