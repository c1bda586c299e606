"""What is seen of a unit's objects, stretch by stretch of time, under the scenarios at work."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.sky.populations.objects import Flags, Reals
from starloop.sky.simulator import changed_rows
from starloop.sky.simulator.flood import TIMES, flood
from starloop.sky.simulator.known import Known, usual
from starloop.sky.simulator.names import oids
from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.timeline import Segment, segments
from starloop.sky.simulator.world import Active, World, reshaping
from starloop.sky.survey.alerts import detections, non_detections
from starloop.sky.survey.identifiers import MOST_OBJECTS
from starloop.sky.survey.photometry import ALERT_SIGMA, SATURATED_MAG, Measured, flux, measure
from starloop.sky.survey.release import releases
from starloop.sky.tables import OBJECTS

Tables = dict[str, pa.Table]

_FLOOD_BLOCK = 20_000_000


def observed(world: World, known: Known) -> Tables:
    """Put together the rows of every stretch of time.

    Returns
    -------
    dict
        ``detections``, ``non_detections``, ``releases``, and the ``objects`` that a flood brings.
    """
    parts: dict[str, list[pa.Table]] = {"objects": [OBJECTS.empty_table()]}
    drawn: dict[tuple[Active, int], Tables] = {}
    for segment in segments(world.spec.scenarios, known.unit.because):
        at_work = reshaping(segment.active)
        epoch = 1 + sum(scenario.kind == "data-release" for scenario in segment.active)
        if (at_work, epoch) not in drawn:
            drawn[at_work, epoch] = _rows(world, known, at_work, epoch)
        rows = {name: _within(table, segment) for name, table in drawn[at_work, epoch].items()}
        for scenario in segment.active:
            if scenario.kind == "flood":
                bogus = _flooded(world, known, scenario, at_work)
                rows["detections"] = pa.concat_tables([rows["detections"], bogus["detections"]])
                parts["objects"].append(bogus["objects"])
        for scenario in segment.active:
            if change := changed_rows.CHANGES.get(scenario.kind):
                rng = world.spec.stream(known.unit, scenario, "rows")
                rows = {name: change(rng, name, table) for name, table in rows.items()}
        for name, table in rows.items():
            parts.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in parts.items()}


def _rows(world: World, known: Known, at_work: Active, epoch: int) -> Tables:
    """Write alerts, limits and release epochs as they are while these scenarios are at work, to the sky's end."""
    objects, spec, unit = known.found.objects, world.spec, known.unit
    measured = _measured(world, known, at_work)
    shown = np.full(len(objects), objects.in_reference)
    who = (known.oid, shown, objects.ra, objects.dec, known.number)
    return {
        "detections": detections(spec.stream(unit, "alerts"), *who, measured),
        "non_detections": non_detections(known.oid, measured),
        "releases": releases(spec.stream(unit, "releases"), *who, measured, epoch=epoch),
    }


def _measured(world: World, known: Known, at_work: Active) -> Measured:
    unit, found = known.unit, known.found
    if at_work == usual(unit):
        return found.measured
    rng = world.spec.stream(unit, "measured", *at_work)
    measured = measure(rng, found.objects, found.references, world.exposures(at_work))
    return _scattered(measured) if any(scenario.kind == "bad-night" for scenario in at_work) else measured


def _scattered(measured: Measured) -> Measured:
    """Throw measurements three times as far from the truth as their errors say."""
    change = flux(measured.mag) + measured.neighbour - measured.reference
    noise: Reals = np.where(measured.bogus, 0.0, measured.difference - change)
    difference = measured.difference + (changed_rows.BAD_SCATTER - 1) * noise
    alert: Flags = (np.abs(difference) >= ALERT_SIGMA * measured.sigma) & (measured.mag > SATURATED_MAG)
    return replace(measured, difference=difference, alert=alert)


def _flooded(world: World, known: Known, scenario: Scenario, at_work: Active) -> Tables:
    """Give the bogus objects of a flooded night, and their alerts."""
    objects = known.found.objects
    measured = _measured(world, known, at_work)
    tonight = measured.take((measured.mjd >= scenario.begin) & (measured.mjd < scenario.end))
    rng = world.spec.stream(known.unit, scenario)
    ra, dec, bogus = flood(rng, objects.ra, objects.dec, tonight)
    number = _block(world, scenario) + (TIMES - 1) * known.unit.first + np.arange(len(ra))
    oid = oids(number, False, bogus.mjd)
    rows = detections(rng, oid, np.zeros(len(ra), dtype=bool), ra, dec, number % MOST_OBJECTS, bogus)
    return {"detections": rows, "objects": pa.table([oid, ra, dec, pa.nulls(len(ra), pa.int64())], schema=OBJECTS)}


def _block(world: World, scenario: Scenario) -> int:
    """Give the number the first flooded object of a night may have; more than any unit's object has."""
    floods = [known for known in world.spec.scenarios if known.kind == "flood"]
    return _FLOOD_BLOCK * (1 + floods.index(scenario))


def _within(table: pa.Table, segment: Segment) -> pa.Table:
    if not np.isfinite([segment.begin, segment.end]).any():
        return table
    return table.filter(pc.and_(pc.greater_equal(table["mjd"], segment.begin), pc.less(table["mjd"], segment.end)))
