"""The skies of the bench: a seed's sky without a change and with each, as far as the checks let their rows through."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa

from starloop.checks.partition import part
from starloop.nights.calendar import Night
from starloop.sky.simulator.kinds import KINDS
from starloop.sky.simulator.known import know
from starloop.sky.simulator.plan import make_plan
from starloop.sky.simulator.scenario import ANSWERS, Scenario
from starloop.sky.simulator.spec import Spec
from starloop.sky.simulator.unit import rows_about
from starloop.sky.simulator.world import World
from starloop.sky.tables import TABLES

PAST, AFTERWARDS = 210, 45
"""Days of sky before its middle and after. What rises with the season has set less than so long before, and is known.
An object belongs to a sky when it alerts often enough in it: the last weeks lack those that have only begun to, and are
not used."""
SEASON_DAYS, SEASONS = 18, 20
"""So much later in the year is each seed's sky than the last one's: twenty go once round."""
_BEGIN = Night(dt.date(2019, 1, 28))
_OBJECTS = 900
_OBJECTS_IN_WINTER = {16: 1250, 17: 1500, 18: 1650, 19: 2300, 0: 2300, 1: 1700, 2: 1450, 3: 1100}
"""Of which about 150 are active on a night, by season: winter's fields hold fewer, and its nights are cloudy."""


@dataclass(frozen=True)
class Span:
    """When a seed's sky begins, from when on it may change, and when it ends."""

    first: Night
    middle: Night
    last: Night

    @classmethod
    def of(cls, seed: int) -> "Span":
        """Give a seed's span."""
        middle = _BEGIN.back(-SEASON_DAYS * (seed % SEASONS))
        return cls(middle.back(PAST), middle, middle.back(-AFTERWARDS))


@dataclass(frozen=True)
class Sky:
    """The rows a sky's checks let through, and the share of those they did not.

    Parameters
    ----------
    change : Night
        The first clear night from the middle on: that of its change, if it has one.
    tables : dict of str to pa.Table
        As in a sky directory.
    quarantined : dict of str to float
        Share of a table's rows.
    """

    change: Night
    tables: dict[str, pa.Table]
    quarantined: dict[str, float]


def skies(
    seed: int, kinds: tuple[str, ...] = tuple(ANSWERS), objects: int | None = None
) -> Iterator[tuple[str | None, Sky]]:
    """Give a seed's sky without a change (None), then with each; their rows before the night of the change are one's.

    The objects are found once: a change is made of what is seen of them, and may add others.

    Parameters
    ----------
    objects : int, optional
        How many; as many as the season needs, unless told.
    """
    span = Span.of(seed)
    objects = objects or _OBJECTS_IN_WINTER.get(seed % SEASONS, _OBJECTS)
    ordinary = World(Spec(objects, seed, span.first, span.last, (), tuple(KINDS), 0))
    plan = make_plan(ordinary.spec)
    known = [know(ordinary, unit) for unit in plan]
    clear = dict(zip(span.first.until(span.last), ordinary.weather.clear, strict=True))
    change = next(night for night in span.middle.until(span.last) if clear[night])
    for kind in (None, *kinds):
        changes = (Scenario(kind, change),) if kind else ()
        world = World(replace(ordinary.spec, scenarios=changes))
        added = [know(world, unit) for unit in make_plan(world.spec)[len(plan) :]]
        parts = [rows_about(world, one) for one in (*known, *added)]
        tables = {name: pa.concat_tables([rows[name] for rows in parts]) for name in TABLES}
        yield kind, _checked(tables, change, span.last)


def _checked(tables: dict[str, pa.Table], change: Night, last: Night) -> Sky:
    """Part the alerts by the rules of a night's checks, all nights at once: they speak of single rows.

    The simulator breaks rows of no other table, whatever the change.
    """
    parted = part(tables["detections"], "detections", last, clouded=False)
    rejected = len(parted.rejected)
    share = rejected / (rejected + len(parted.good))
    return Sky(change, {**tables, "detections": parted.good}, {"detections": share})
