"""What both sides are put through: one sky, its nights, and how the archives misbehave in each."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow.compute as pc

from starloop.nights.calendar import Night
from starloop.sky.server.faults import Fault
from starloop.sky.server.host import Served
from starloop.sky.server.spoil import KINDS
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky

OBJECTS, SKY_SEED = 600, 4
FIRST, LAST = Night.parse("2018-07-01"), Night.parse("2021-06-30")
"""Three years: long enough for light curves of more epochs than a silent row limit lets through."""
BEGIN = Night.parse("2020-01-01")
NIGHTS = 20
SMALL, LARGE = range(20, 41), range(101, 121)
"""Active objects of a night: a few nights have more than a page of ALeRCE's list."""
LARGE_NIGHTS = 4
TESS = 120
WORKERS = 5
"""Processes at a time, each with a server of its own: they wait most of the time."""
CLIENT_WORKERS = 4
"""Processes in which the bare clients live, each for its part of the nights."""

RATE = 0.05
DEADLINE_S = 2.0
LONGEST_S = 1.1 * DEADLINE_S
"""What a request may take: the deadline, and a little for a machine that is busy with the other side as well."""
CONNECTIONS = 8
FEWEST_REQUESTS = 2_000
WATCH_S = 4.0
"""After so long a call of a bare client counts as hung; a healthy one takes a hundredth of it."""


@dataclass(frozen=True)
class Seeded:
    """A night and the seed of its faults."""

    night: Night
    seed: int

    @property
    def faults(self) -> list[Fault]:
        """Every known fault, wherever it can strike."""
        return [Fault(fault=kind, rate=RATE, seed=self.seed) for kind in KINDS]


def sky_at(folder: Path) -> Sky:
    """Make the sky."""
    return make_sky(folder, objects=OBJECTS, seed=SKY_SEED, first=FIRST, last=LAST, name="faults", tess=TESS)


def nights_of(sky: Sky) -> list[Seeded]:
    """Choose the nights: evenly in time among those with many active objects, and then among those with few.

    The large ones come first, so that none of them is left over when all others are done.
    """
    detections = sky.read("detections").filter(pc.field("mjd").is_valid())
    night = pc.cast(pc.floor(detections["mjd"]), "int64")
    active = detections.append_column("night", night).group_by("night").aggregate([("oid", "count_distinct")])
    late = active.filter(pc.field("night") >= BEGIN.begin).sort_by("night").to_pylist()
    chosen = _evenly(late, LARGE, LARGE_NIGHTS) + _evenly(late, SMALL, NIGHTS - LARGE_NIGHTS)
    return [Seeded(Night.at(mjd), seed) for seed, mjd in enumerate(chosen, start=1)]


def _evenly(active: list[dict[str, Any]], objects: range, nights: int) -> list[int]:
    fitting = [row["night"] for row in active if row["oid_count_distinct"] in objects]
    return [fitting[place] for place in np.linspace(0, len(fitting) - 1, nights).round().astype(int)]


def struck(served: Served) -> dict[str, int]:
    """Ask how often each fault has struck since it was set."""
    return {one["fault"]: one["struck"] for one in httpx.get(f"{served.url}/faults").json()}
