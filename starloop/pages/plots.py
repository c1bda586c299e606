"""Plots as the little that SVG needs: axes in numbers, and each band's points as one path."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 860
HEIGHT = 300
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 10, 34
MOST_ROWS = 1_000
"""Rows of a plot's table; a page of more is no lighter than the file."""
_MARGIN = 0.05
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Series:
    """Points of one band.

    Parameters
    ----------
    band : str
        ``g``, ``r``, ``i`` or ``tess``; by it they are coloured and shaped.
    x, y, err : sequence of float
        As many each; an error that is not known is 0.
    limits : sequence of (float, float)
        Upper limits: x and y.
    """

    band: str
    x: Sequence[float]
    y: Sequence[float]
    err: Sequence[float]
    limits: Sequence[tuple[float, float]] = ()


@dataclass(frozen=True)
class Drawn:
    """One band, drawn: SVG path data.

    Parameters
    ----------
    band : str
        As in `Series`.
    points, errors, limits : str
        Paths; empty where there is nothing.
    """

    band: str
    points: str
    errors: str
    limits: str


@dataclass(frozen=True)
class Tick:
    """A place on an axis: where it is in the drawing, and what stands there."""

    at: float
    text: str


@dataclass(frozen=True)
class Plot:
    """A drawing of `WIDTH` by `HEIGHT`."""

    across: list[Tick]
    up: list[Tick]
    bands: list[Drawn]


def plot(series: Sequence[Series], *, brighter_up: bool) -> Plot | None:
    """Draw series in common axes; None where there is no point at all.

    Parameters
    ----------
    series : sequence of Series
        Those without a point are left out.
    brighter_up : bool
        The values are magnitudes: small ones are up.
    """
    full = [one for one in series if len(one.x) or len(one.limits)]
    xs = [x for one in full for x in (*one.x, *(x for x, _ in one.limits))]
    ys = [y for one in full for y in (*one.y, *(y for _, y in one.limits))]
    if not xs:
        return None
    first, last = _widened(min(xs), max(xs))
    low, high = _widened(min(ys), max(ys))
    if brighter_up:
        low, high = high, low

    def right(x: float) -> float:
        return round(LEFT + (x - first) / (last - first) * (WIDTH - LEFT - RIGHT), 1)

    def down(y: float) -> float:
        return round(TOP + (high - y) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    def drawn(one: Series) -> Drawn:
        points = [(right(x), y, err) for x, y, err in zip(one.x, one.y, one.err, strict=True)]
        return Drawn(
            one.band,
            "".join(f"M{x:g} {down(y):g}h0" for x, y, _ in points),
            "".join(f"M{x:g} {down(y - err):g}V{down(y + err):g}" for x, y, err in points if err > 0.0),
            "".join(f"M{right(x) - 3:g} {down(y) - 2:g}h6l-3 5z" for x, y in one.limits),
        )

    return Plot(
        [Tick(right(x), text) for x, text in ticks(first, last, 8)],
        [Tick(down(y), text) for y, text in ticks(min(low, high), max(low, high), 6)],
        [drawn(one) for one in full],
    )


def ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Give round numbers in a range, at most so many, and how they are written."""
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * one for one in _STEPS if power * one >= rough * (1.0 - 1e-9))
    digits = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if round(step / power, 6) == _STEPS[2] else 0))
    first = math.ceil(low / step - 1e-9)
    values = [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
    return [(value, f"{value:.{digits}f}") for value in values]


def _widened(low: float, high: float) -> tuple[float, float]:
    span = high - low or max(abs(low) * 1e-3, 0.1)
    return low - _MARGIN * span, high + _MARGIN * span
