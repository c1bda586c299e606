"""Colours change the way they were made to."""

import numpy as np
import pytest

from starloop.features import colour_change as measured
from starloop.features.colour import pairs
from starloop.features.screening import Points
from tests.unit.explosions import NOTHING

TIME = 58_900.0 + np.arange(0.0, 60.0, 3.0)


def told(g_mag: np.ndarray, r_mag: np.ndarray, apart: float = 0.2) -> dict[str, float]:
    g, r = (Points(time, mag, np.full(len(mag), 0.02)) for time, mag in ((TIME, g_mag), (TIME + apart, r_mag)))
    return dict(zip(measured.NAMES, measured.colour_change(g, r).tolist(), strict=True))


@pytest.mark.parametrize("rate", [0.02, -0.01])
def test_reddening_with_time_is_positive(rate: float) -> None:
    since = TIME - TIME[0]
    assert told(18.0 + rate * since, np.full(len(TIME), 18.0))["colour_change_time"] == pytest.approx(rate)


@pytest.mark.parametrize(("gain", "sign"), [(1.3, 1.0), (0.8, -1.0)])
def test_redder_when_fainter_is_positive(gain: float, sign: float) -> None:
    wave = 0.4 * np.sin(np.arange(len(TIME)))
    assert np.sign(told(18.0 + gain * wave, 18.0 + wave)["colour_change_magnitude"]) == sign


def test_noise_alone_gives_no_trend_with_magnitude() -> None:
    noise = np.random.default_rng(1).normal(0.0, 0.1, (2, 400))
    time = 58_900.0 + np.arange(400.0)
    g, r = (Points(time, 18.0 + mags, np.full(400, 0.1)) for mags in noise)
    # Against the magnitude of r alone it would be -1.
    assert abs(measured.colour_change(g, r)[1]) < 0.4


def test_epochs_far_apart_are_no_pair() -> None:
    flat = np.full(len(TIME), 18.0)
    assert np.isnan(list(told(flat, flat, apart=1.4).values())).all()


@pytest.mark.parametrize("number", range(3))
def test_too_few_pairs_are_missing(number: int) -> None:
    few = Points(TIME[:number], np.full(number, 18.0), np.full(number, 0.02))
    assert np.isnan(measured.colour_change(few, few)).all()
    assert len(pairs(few, few)[2]) == number
    assert len(pairs(few, NOTHING)[2]) == 0
