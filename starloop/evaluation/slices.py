"""The same answers, for some of the objects at a time: few points or many, bright or faint, with which photometry."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Headline, headline
from starloop.features.screening import BANDS
from starloop.model.calibration import Reals

POINTS = (0, 10, 20, 50, 100, 200)
"""Alert points in g and r together, from which on a slice begins."""
MAGNITUDES = (0, 16, 17, 18, 19, 20)
"""Median magnitude, in r where there is one, from which on a slice begins."""

Chosen = NDArray[np.bool_]
FEWEST = 10
"""Objects below which a slice says nothing."""


@dataclass(frozen=True)
class Slice:
    """Some of the objects, and how they fare; None where they are too few to say."""

    name: str
    objects: int
    headline: Headline | None


def slices(answers: Answers, features: pa.Table) -> dict[str, list[Slice]]:
    """Give the figures of every slice that has objects.

    Parameters
    ----------
    answers : Answers
        One row an object.
    features : pa.Table
        The same rows: columns of `starloop.features.schema`. What it lacks is not sliced by.

    Returns
    -------
    dict
        ``points``, ``magnitude`` and ``survey`` to their slices, in order. Those by survey may share objects.
    """
    ways = {
        "points": _between(points(features), POINTS, "points"),
        "magnitude": _between(magnitude(features), MAGNITUDES, "mag"),
        "survey": _surveys(features),
    }
    return {
        way: [_slice(name, answers.only(chosen)) for name, chosen in named.items() if chosen.any()]
        for way, named in ways.items()
    }


def _slice(name: str, answers: Answers) -> Slice:
    return Slice(name, len(answers), headline(answers) if len(answers) >= FEWEST else None)


def points(features: pa.Table) -> Reals:
    """Give the number of alert points in g and r; NaN where that is not known."""
    counts = [_column(features, f"{band}_observation_count") for band in BANDS]
    return np.where(np.isnan(counts).all(axis=0), np.nan, np.nansum(counts, axis=0))


def magnitude(features: pa.Table) -> Reals:
    """Give the median magnitude in r, or in g where there is none in r; NaN without both."""
    g, r = (_column(features, f"{band}_median") for band in BANDS)
    return np.where(np.isnan(r), g, r)


def _between(values: Reals, edges: tuple[int, ...], unit: str) -> dict[str, Chosen]:
    """Name the slices from each edge to the next; the last has no end."""
    with np.errstate(invalid="ignore"):
        named = {
            (f"below {high} {unit}" if low == edges[0] else f"{low} to {high} {unit}"): (values >= low)
            & (values < high)
            for low, high in pairwise(edges)
        }
        return {**named, f"{edges[-1]} {unit} or more": values >= edges[-1]}


def _surveys(features: pa.Table) -> dict[str, Chosen]:
    alert = ~np.isnan(magnitude(features))
    release = _known(features, [f"release_{band}_median" for band in BANDS])
    tess = _known(features, [name for name in features.column_names if name.startswith("tess_")])
    return {
        "alerts only": alert & ~release & ~tess,
        "alerts and release photometry": alert & release,
        "release photometry only": release & ~alert,
        "with TESS": tess,
    }


def _known(features: pa.Table, names: list[str]) -> Chosen:
    """Tell which rows have a value in any of some columns."""
    values = [np.isfinite(_column(features, name)) for name in names]
    return np.any(values, axis=0) if values else np.zeros(len(features), dtype=bool)


def _column(features: pa.Table, name: str) -> Reals:
    if name not in features.column_names:
        return np.full(len(features), np.nan)
    values = pc.fill_null(features[name].cast(pa.float64()), np.nan)
    return np.asarray(values.to_numpy(), dtype=np.float64)
