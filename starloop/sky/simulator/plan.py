"""The plan of a sky: units of at most so many objects of one class, each made without knowing the others."""

from collections.abc import Iterator
from dataclasses import dataclass

from starloop.sky.simulator import fast_blue
from starloop.sky.simulator.kinds import in_plane, ordinary
from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.spec import Spec

MOST_IN_UNIT = 150
PLANE_SHARE = 0.15


@dataclass(frozen=True)
class Unit:
    """Objects that are made together.

    Parameters
    ----------
    kind : str
        Their class.
    number : int
        The unit's number within its class (and scenario).
    n : int
        How many objects.
    first : int
        Number of the first one in the sky; they count on from it.
    because : Scenario, optional
        The scenario that adds them.
    in_plane : bool
        Whether they lie in the Galactic plane.
    """

    kind: str
    number: int
    n: int
    first: int
    because: Scenario | None = None
    in_plane: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.number} {self.because}"


def make_plan(spec: Spec) -> list[Unit]:
    """Divide a sky into units: the ordinary sky's first, then what each scenario adds, by night."""
    plan = list(_units(ordinary(spec.objects, spec.kinds), 0))
    for scenario in spec.scenarios:
        begin = plan[-1].first + plan[-1].n
        if scenario.kind == "population":
            plan += _units(in_plane(round(spec.objects * PLANE_SHARE), spec.kinds), begin, scenario, plane=True)
        if scenario.kind == "new-class":
            nights = fast_blue.NIGHTS_BEFORE + min(fast_blue.NIGHTS, spec.last.end - scenario.begin)
            number = max(1, round(spec.objects * fast_blue.NIGHTLY_SHARE * nights))
            plan += _units({fast_blue.NAME: number}, begin, scenario)
    return plan


def _units(numbers: dict[str, int], first: int, because: Scenario | None = None, plane: bool = False) -> Iterator[Unit]:
    for kind, number in numbers.items():
        for place, begin in enumerate(range(0, number, MOST_IN_UNIT)):
            n = min(MOST_IN_UNIT, number - begin)
            yield Unit(kind, place, n, first, because, plane)
            first += n
