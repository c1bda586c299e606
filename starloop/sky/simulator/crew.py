"""Making units in several processes: results come in the plan's order, and only a few are held at a time."""

import multiprocessing
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from starloop.errors import StarloopError
from starloop.sky.simulator.observed import Tables
from starloop.sky.simulator.plan import Unit
from starloop.sky.simulator.spec import Spec
from starloop.sky.simulator.unit import make_unit
from starloop.sky.simulator.world import world_of

_HELD_PER_WORKER = 2
# Starting a process takes longer than making so many objects.
_OBJECTS_PER_WORKER = 1000


def make_units(spec: Spec, units: list[Unit], workers: int) -> Iterator[Tables]:
    """Make units one after another, in their order, whoever makes them.

    Parameters
    ----------
    workers : int
        At most so many processes; few objects are made in this one.

    Raises
    ------
    StarloopError
        When a process died.
    """
    useful = min(workers, sum(unit.n for unit in units) // _OBJECTS_PER_WORKER)
    if useful < 2:
        yield from (_make(spec, unit) for unit in units)
        return
    # Spawned, so that no lock or thread of this process is copied into them.
    pool = ProcessPoolExecutor(useful, mp_context=multiprocessing.get_context("spawn"))
    coming = iter(units)
    try:
        held: deque[Future[Tables]] = deque(
            pool.submit(_make, spec, unit) for unit in islice(coming, useful * _HELD_PER_WORKER)
        )
        while held:
            made = held.popleft().result()
            held.extend(pool.submit(_make, spec, unit) for unit in islice(coming, 1))
            yield made
    except BrokenProcessPool:
        raise StarloopError(
            "a process that made the sky died, probably for want of memory: ask for fewer workers"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _make(spec: Spec, unit: Unit) -> Tables:
    return make_unit(world_of(spec), unit)
