"""What the latest nights say together: the sky, the archive, a bad night, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.drift.decision import decide
from starloop.drift.params import DriftParams

PARAMS = DriftParams()


def night(
    day: int, *, share: float = 0.0, classes: float | None = 0.05, objects: int = 220, **more: Any
) -> dict[str, Any]:
    bands = more.get("bands", {"g": share, "r": share})
    groups = {band: {"drifted_share": moved, "missing_rise": 0.0} for band, moved in bands.items()}
    for group, rise in more.get("missing", {}).items():
        groups.setdefault(group, {"drifted_share": 0.0})["missing_rise"] = rise
    return {
        "night": f"2020-06-{day:02d}",
        "objects": objects,
        "drifted_share": share,
        "class_distance": classes,
        "uncertain_share": 0.1,
        "groups": groups,
        "offsets": more.get("offsets", {"g": 0.0, "r": None}),
    }


def moved(day: int) -> dict[str, Any]:
    return night(day, share=0.6, classes=0.3)


def test_ordinary_nights_ask_for_nothing() -> None:
    verdict = decide([night(17), night(18), night(19)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("none", [])
    assert set(verdict.scores) == {"2020-06-17", "2020-06-18", "2020-06-19"}


def test_two_nights_with_other_classes_and_features_are_a_changed_sky() -> None:
    verdict = decide([night(19), moved(20), moved(21)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("sky", ["2020-06-20", "2020-06-21"])
    assert verdict.reasons[0].startswith("2020-06-20: 60% of the features drifted")


def test_one_moved_night_is_a_bad_night_only_while_it_is_the_newest() -> None:
    assert decide([night(18), night(19), moved(20)], PARAMS).kind == "bad_night"
    assert decide([night(18), moved(19), night(20)], PARAMS).kind == "none"


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param({"share": 0.6}, id="features moved while the classes stayed"),
        pytest.param({"offsets": {"g": 0.2, "r": 0.0}}, id="only g magnitudes shifted"),
        pytest.param({"bands": {"g": 0.5, "r": 0.0}, "share": 0.2}, id="only g features drifted"),
        pytest.param({"missing": {"colour": 0.9}}, id="colours went missing"),
        pytest.param({"missing": {"g": 0.9}, "classes": 0.3}, id="g went missing and took the classes along"),
    ],
)
def test_same_objects_measured_differently_are_a_changed_archive(shown: dict[str, Any]) -> None:
    verdict = decide([night(19), night(20, **shown), night(21, **shown)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("archive", ["2020-06-20", "2020-06-21"])


def test_the_moved_band_is_named_with_its_offset() -> None:
    shifted = {"offsets": {"g": 0.2, "r": 0.0}}
    assert "only band g moved, by +0.20 mag" in decide([night(20, **shifted), night(21, **shifted)], PARAMS).reasons[0]


def test_both_bands_fading_together_is_no_calibration_offset() -> None:
    fading = {"offsets": {"g": 0.2, "r": 0.2}}
    assert decide([night(20, **fading), night(21, **fading)], PARAMS).kind == "none"


def test_other_classes_alone_never_ask_for_retraining() -> None:
    assert decide([night(day, classes=0.5) for day in (19, 20, 21)], PARAMS).kind == "bad_night"


def test_a_night_with_too_few_objects_says_nothing_new() -> None:
    verdict = decide([moved(22), moved(23), night(24, objects=0, classes=None)], PARAMS)
    assert (verdict.kind, verdict.reasons) == ("none", ["2020-06-24 has 0 objects, fewer than the 60 needed"])


def test_a_cloudy_night_in_between_takes_no_place() -> None:
    verdict = decide([moved(23), night(24, objects=3, classes=None), moved(25)], PARAMS)
    assert (verdict.kind, verdict.nights) == ("sky", ["2020-06-23", "2020-06-25"])


def test_nights_older_than_the_window_are_not_asked() -> None:
    assert decide([moved(16), moved(17), night(18), night(19), night(20)], PARAMS).kind == "none"


def test_no_night_at_all_is_no_drift() -> None:
    assert decide([], PARAMS).kind == "none"


def test_more_agreeing_nights_than_asked_nights_is_refused() -> None:
    with pytest.raises(ValueError, match="more than nights"):
        DriftParams(nights=2, agree=3)


unit = st.floats(0, 1)
nights = st.lists(st.tuples(unit, unit, st.integers(0, 400)), min_size=1, max_size=6)


def built(values: list[tuple[float, float, int]], grown: float = 0.0) -> list[dict[str, Any]]:
    return [
        night(day, share=min(share + grown, 1), classes=min(classes + grown, 1), objects=objects)
        for day, (share, classes, objects) in enumerate(values, start=1)
    ]


@given(nights, unit)
def test_a_changed_sky_that_changes_more_stays_a_changed_sky(
    values: list[tuple[float, float, int]], grown: float
) -> None:
    if decide(built(values), PARAMS).kind == "sky":
        assert decide(built(values, grown), PARAMS).kind == "sky"


@given(nights, unit)
def test_moving_further_never_turns_an_alarm_into_silence(values: list[tuple[float, float, int]], grown: float) -> None:
    if decide(built(values), PARAMS).kind != "none":
        assert decide(built(values, grown), PARAMS).kind != "none"


@given(nights, st.integers(1, 3))
def test_asking_for_more_agreement_never_finds_more_drift(values: list[tuple[float, float, int]], agree: int) -> None:
    strict = DriftParams(agree=3)
    if decide(built(values), strict).kind == "sky":
        assert decide(built(values), DriftParams(agree=agree)).kind == "sky"


@given(nights, st.randoms())
def test_the_order_of_the_nights_does_not_matter(values: list[tuple[float, float, int]], random: Any) -> None:
    given_nights = built(values)
    shuffled = random.sample(given_nights, len(given_nights))
    assert decide(shuffled, PARAMS) == decide(given_nights, PARAMS)
