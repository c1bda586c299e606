"""Which scenarios are at work when: a sky is cut out of skies on which they go on for ever.

The part of a sky before a scenario's night is the sky without it, row for row; so is the part after it ended.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.world import Active


@dataclass(frozen=True)
class Segment:
    """A stretch of time during which the same scenarios are at work, in the order of their nights."""

    begin: float
    end: float
    active: Active


def segments(scenarios: Active, because: Scenario | None) -> list[Segment]:
    """Cut time at the nights on which scenarios begin or end.

    Parameters
    ----------
    because : Scenario or None
        Leave out the time in which this one is not at work.
    """
    ends = {edge for scenario in scenarios for edge in (scenario.begin, scenario.end)}
    edges = sorted({-math.inf, math.inf} | ends)
    cut = [
        Segment(begin, end, tuple(scenario for scenario in scenarios if scenario.begin <= begin < scenario.end))
        for begin, end in pairwise(edges)
    ]
    return [segment for segment in cut if because is None or because in segment.active]
