"""One unit of a sky: its objects, and all rows about them."""

import pyarrow as pa

from starloop.sky.populations.objects import RED
from starloop.sky.simulator.catalogue import catalogues
from starloop.sky.simulator.known import Known, know
from starloop.sky.simulator.observed import Tables, observed
from starloop.sky.simulator.plan import Unit
from starloop.sky.simulator.targets import Wish, observe_targets
from starloop.sky.simulator.world import World
from starloop.sky.tables import OBJECTS, TESS


def make_unit(world: World, unit: Unit, wish: Wish | None = None) -> Tables:
    """Make all rows about a unit's objects, table by table.

    Parameters
    ----------
    wish : Wish, optional
        Light curves TESS takes of them.
    """
    return rows_about(world, know(world, unit), wish)


def rows_about(world: World, known: Known, wish: Wish | None = None) -> Tables:
    """Make all rows about known objects; those known in a world without scenarios are the same in one with."""
    objects, number, unit = known.found.objects, known.number, known.unit
    tables = observed(world, known)
    tess, tic = TESS.empty_table(), dict[int, int]()
    if wish:
        red = known.found.references[:, RED]
        tess, tic = observe_targets(world.spec.stream(unit, "tess"), world.spec, objects, red, number, wish)
    names = catalogues(world.spec.stream(unit, "catalogues"), objects, number, known.oid, known.first_mjd)
    told = pa.table([known.oid, objects.ra, objects.dec, [tic.get(row) for row in range(len(objects))]], schema=OBJECTS)
    tables["objects"] = pa.concat_tables([told, tables["objects"]])
    return tables | {"catalogues": names, "tess": tess}
