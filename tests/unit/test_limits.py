"""What non-detections say."""

import numpy as np
import pytest

from starloop.features import limits as described
from starloop.features.screening import Points
from tests.unit.explosions import NOTHING
from tests.unit.one_band import band

DETECTED = Points(np.array([100.0, 110.0, 130.0]), np.array([19.0, 18.0, 19.5]), np.full(3, 0.05))


def seen_nothing(*limits: tuple[float, float]) -> Points:
    time, mag = np.array(limits).T
    return Points(time, mag, np.full(len(limits), np.nan))


def told(g: Points, r: Points, limits_g: Points = NOTHING, limits_r: Points = NOTHING) -> dict[str, float]:
    alert, nothing = {"g": band(g), "r": band(r)}, {"g": band(limits_g), "r": band(limits_r)}
    return dict(zip(described.NAMES, described.limits(alert, nothing)[0].tolist(), strict=True))


def test_a_rise_is_at_least_as_fast_as_from_the_last_limit() -> None:
    seen = told(DETECTED, NOTHING, seen_nothing((90.0, 21.0), (96.0, 20.6)), seen_nothing((98.0, 20.2)))
    assert seen["limit_gap"] == 2.0
    assert seen["limit_depth"] == pytest.approx(1.2)
    assert seen["limit_rise_rate"] == pytest.approx(0.6)
    assert seen["limit_before"] == 3.0
    assert seen["limit_after"] == 0.0
    assert np.isnan([seen["limit_fade_gap"], seen["limit_fade_depth"]]).all()


def test_limits_between_and_after_the_detections_are_told_apart() -> None:
    seen = told(DETECTED, NOTHING, seen_nothing((120.0, 20.0), (135.0, 20.0), (140.0, 20.5), (500.0, 21.0)))
    assert (seen["limit_between"], seen["limit_after"], seen["limit_before"]) == (1.0, 2.0, 0.0)
    assert seen["limit_fade_gap"] == 5.0
    assert seen["limit_fade_depth"] == pytest.approx(1.0)
    assert np.isnan([seen["limit_gap"], seen["limit_depth"], seen["limit_rise_rate"]]).all()


def test_detections_of_both_bands_count() -> None:
    r = Points(np.array([95.0]), np.array([19.4]), np.array([0.1]))
    assert told(DETECTED, r, seen_nothing((94.0, 20.0)))["limit_gap"] == 1.0


def test_without_limits_or_without_detections_nothing_is_known() -> None:
    assert np.isnan(list(told(DETECTED, DETECTED).values())).all()
    assert np.isnan(list(told(NOTHING, NOTHING, seen_nothing((94.0, 20.0))).values())).all()
