"""The blocks that a row of features is made of, in their order: a line a block."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from starloop.features import (
    bazin,
    colour,
    colour_change,
    context,
    detections,
    families,
    limits,
    periods,
    random_walk,
    smooth,
    statistics,
    structure,
    tess,
    transient,
)
from starloop.features.screening import BANDS, Band, Points, Reals, Screened


@dataclass(frozen=True)
class Block:
    """Some columns of the features.

    Parameters
    ----------
    prefix : str
        What their names begin with.
    module : module
        Its `NAMES` are the rest of their names.
    values : callable
        From screened light curves and a number of threads to float64 values, shape (objects, len(NAMES)), where NaN
        is missing. The values of an object may depend on nothing but its own points.
    """

    prefix: str
    module: ModuleType
    values: Callable[[Screened, int], Reals]
    beside: str | None = None
    """Which of the things that not every asker has it is computed from; None where alert photometry is enough."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.prefix + name for name in self.module.NAMES)


def _of_both(values: Callable[[Points, Points], Reals], bands: dict[str, Band]) -> Reals:
    return np.stack([values(g, r) for g, r in zip(bands["g"], bands["r"], strict=True)])


def _periods(bands: dict[str, Band], n_jobs: int) -> Reals:
    return periods.periods(list(bands["g"]), list(bands["r"]), n_jobs=n_jobs)


def _transient(band: Band) -> Reals:
    return np.stack([transient.rise_and_decay(points) for points in band])


def _in_band(band: str) -> tuple[Block, ...]:
    return (
        Block(f"{band}_", statistics, lambda seen, jobs: statistics.statistics(seen.alert[band], n_jobs=jobs)),
        Block(f"{band}_", transient, lambda seen, jobs: _transient(seen.alert[band])),
        Block(f"{band}_", bazin, lambda seen, jobs: bazin.bazin(seen.alert[band], n_jobs=jobs)),
        Block(f"{band}_", structure, lambda seen, jobs: structure.structure(seen.alert[band])),
        Block(f"{band}_", random_walk, lambda seen, jobs: random_walk.random_walk(seen.alert[band])),
        Block(
            f"release_{band}_",
            statistics,
            lambda seen, jobs: statistics.statistics(seen.release[band], n_jobs=jobs),
            "releases",
        ),
    )


BLOCKS: tuple[Block, ...] = (
    *(block for band in BANDS for block in _in_band(band)),
    Block("", colour, lambda seen, jobs: _of_both(colour.colours, seen.alert)),
    Block("", colour_change, lambda seen, jobs: _of_both(colour_change.colour_change, seen.alert)),
    Block("", smooth, lambda seen, jobs: _of_both(smooth.smooth, seen.alert)),
    Block("", families, lambda seen, jobs: _of_both(families.families, seen.alert)),
    Block("", limits, lambda seen, jobs: limits.limits(seen.alert, seen.limits), "limits"),
    Block("", periods, lambda seen, jobs: _periods(seen.alert, jobs)),
    Block("release_", colour, lambda seen, jobs: _of_both(colour.colours, seen.release), "releases"),
    Block("release_", periods, lambda seen, jobs: _periods(seen.release, jobs), "releases"),
    Block("", detections, lambda seen, jobs: detections.detections(seen.curves), "detections"),
    Block("", tess, lambda seen, jobs: tess.tess(seen.curves), "tess"),
    Block("", context, lambda seen, jobs: context.context(seen.curves), "context"),
)
