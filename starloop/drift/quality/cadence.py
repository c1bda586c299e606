"""How often the same objects are observed, and in which bands."""

from collections.abc import Iterator

import numpy as np

from starloop.drift.quality.rows import Rows, about
from starloop.drift.seen import Measure

_ALL_BUT = 10
"""Percentile of the objects that need not take part."""


def cadence(rows: Rows, fewest_objects: int, fewest_rows: int) -> Iterator[Measure]:
    """Measure the rows a night of the same objects, and whether each band is there at all.

    ``rows a night`` is the logarithm (to base 2) of an object's rows in the night over its own mean of the past nights
    in which it had any, which nine objects in ten exceed: 1 when all have twice as many. Fields that a survey turns to
    have more, but not all fields. ``band lost`` is the share of objects without the band in the night, less the share
    of past nights in which they had been without it.
    """
    source = rows.source
    if source.mag is None:
        return
    now, past = rows.night.groupby("object").size(), rows.past.groupby("object")
    nights = past["whole_night"].nunique()
    nights = nights[nights >= fewest_rows]
    ratio = np.log2((now[nights.index] * nights / past.size()[nights.index]).to_numpy())
    enough = len(ratio) >= fewest_objects
    known = (float(np.percentile(ratio, _ALL_BUT)), 0.0) if enough else None
    yield about(source, "", "rows a night", "cadence", known, len(ratio))
    for band in sorted(rows.past["band"].unique()):
        of = rows.past[rows.past["band"] == band].groupby("object")["whole_night"].nunique()
        usual = of.reindex(nights.index, fill_value=0) / nights
        there = np.isin(nights.index, rows.night["object"][rows.night["band"] == band])
        lost = usual.to_numpy() - there
        share = (float(lost.mean()), float(lost.std()) / len(lost) ** 0.5) if enough else None
        yield about(source, str(band), "band lost", "missing", share, len(lost))
