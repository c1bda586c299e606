"""The objects of a unit, before any scenario touches what is seen of them."""

from dataclasses import dataclass

import numpy as np

from starloop.sky.populations.objects import Ints, Reals, Setting
from starloop.sky.simulator import fast_blue
from starloop.sky.simulator.gather import Found, gather
from starloop.sky.simulator.kinds import KINDS, Make
from starloop.sky.simulator.names import Texts, oids
from starloop.sky.simulator.plan import Unit
from starloop.sky.simulator.world import Active, World, reshaping

# A class's least number of alerts is meant for a sky of so many days; a shorter one asks for fewer, but for these.
_USUAL_DAYS, _FEWEST_ALERTS = 120.0, 2


@dataclass(frozen=True)
class Known:
    """The objects of a unit with their numbers and names, and when each first alerted (MJD)."""

    unit: Unit
    found: Found
    number: Ints
    oid: Texts
    first_mjd: Reals


def know(world: World, unit: Unit) -> Known:
    """Find the unit's objects, as if only the scenario that adds them were at work."""
    first, last = world.spec.first.begin, world.spec.last.end
    if unit.because:
        first = unit.because.begin
    make: Make
    if unit.kind == fast_blue.NAME:
        make, enough = fast_blue.make, fast_blue.LEAST_ALERTS
        setting = Setting(first - fast_blue.NIGHTS_BEFORE, min(last, first + fast_blue.NIGHTS))
    else:
        make, enough = KINDS[unit.kind].make, KINDS[unit.kind].least_alerts
        setting = Setting(first, last, unit.in_plane)
    least = min(enough, max(_FEWEST_ALERTS, round(enough * (last - first) / _USUAL_DAYS)))
    exposures = world.exposures(usual(unit))
    if unit.because:
        exposures = exposures.take(exposures.mjd >= first)
    found = gather(world.spec.stream(unit), unit.kind, make, unit.n, least, setting, exposures)
    number = unit.first + np.arange(unit.n)
    alerts = found.measured.take(found.measured.alert)
    first_mjd = np.full(unit.n, np.inf)
    np.minimum.at(first_mjd, alerts.which, alerts.mjd)
    return Known(unit, found, number, oids(number, found.objects.in_reference, first_mjd), first_mjd)


def usual(unit: Unit) -> Active:
    """Give the scenarios at work when the unit's objects were found."""
    return reshaping((unit.because,)) if unit.because else ()
