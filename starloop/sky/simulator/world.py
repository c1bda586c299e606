"""The survey of one sky: its exposures, as they are while certain scenarios are at work."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.spec import Spec
from starloop.sky.survey.exposures import Exposures, merged
from starloop.sky.survey.schedule import Span, Weather, draw_weather, observe, observe_plane

Active = tuple[Scenario, ...]

GIVEN_UP = 0.8
DEEPER_MAG = 0.7
HALF_AS_DEEP_MAG = 2.5 * float(np.log10(2))
# The second and third image of a place, so long after the first: days.
AGAIN_DAYS = (0.012, 0.024)


@dataclass(frozen=True)
class World:
    """What all units of a sky share; made anew from the spec in every process.

    Parameters
    ----------
    spec : Spec
        Everything it depends on.
    """

    spec: Spec

    @cached_property
    def span(self) -> Span:
        """The sky's first and last night."""
        return Span(self.spec.first, self.spec.last)

    @cached_property
    def weather(self) -> Weather:
        """The weather of every night."""
        return draw_weather(self.spec.stream("weather"), self.span)

    @cached_property
    def _ordinary(self) -> Exposures:
        return observe(self.spec.stream("survey"), self.span, self.weather)

    @cached_property
    def _known(self) -> dict[Active, Exposures]:
        return {}

    def exposures(self, active: Active) -> Exposures:
        """Give the exposures while these scenarios are at work, from the night on the last of them begins.

        Without a scenario these are all of the sky's exposures.
        """
        reshaping = tuple(scenario for scenario in active if scenario.kind in _RESHAPE)
        if reshaping not in self._known:
            found = self._ordinary
            for scenario in reshaping:
                found = _RESHAPE[scenario.kind](self, scenario, found)
                found = found.take((found.mjd >= scenario.begin) & (found.mjd < scenario.end))
            self._known[reshaping] = found
        return self._known[reshaping]


def reshaping(active: Active) -> Active:
    """Give those scenarios that change what is exposed, or how deep."""
    return tuple(scenario for scenario in active if scenario.kind in _RESHAPE)


@lru_cache(maxsize=1)
def world_of(spec: Spec) -> World:
    """Give a sky's world; a process keeps the last one."""
    return World(spec)


def _to_the_plane(world: World, scenario: Scenario, exposures: Exposures) -> Exposures:
    """Give up most of the ordinary survey for the Galactic plane, three pairs of images a clear night."""
    kept = world.spec.stream("given up", scenario).uniform(size=len(exposures)) >= GIVEN_UP
    plane = observe_plane(world.spec.stream("plane", scenario), world.span, world.weather)
    return merged([exposures.take(kept), plane])


def _thrice(world: World, scenario: Scenario, exposures: Exposures) -> Exposures:
    """Take every image three times."""
    again = [replace(exposures, mjd=exposures.mjd + days) for days in AGAIN_DAYS]
    return merged([exposures, *again])


def _deeper(world: World, scenario: Scenario, exposures: Exposures) -> Exposures:
    return replace(exposures, limit=exposures.limit + DEEPER_MAG)


def _shallower(world: World, scenario: Scenario, exposures: Exposures) -> Exposures:
    return replace(exposures, limit=exposures.limit - HALF_AS_DEEP_MAG)


_RESHAPE: dict[str, Callable[[World, Scenario, Exposures], Exposures]] = {
    "population": _to_the_plane,
    "cadence": _thrice,
    "depth": _deeper,
    "bad-night": _shallower,
}
