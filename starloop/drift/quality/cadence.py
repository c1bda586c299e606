"""How often the same objects are observed, and in which bands."""

from collections.abc import Iterator

import numpy as np

from starloop.drift.quality.rows import KEY, Rows, about
from starloop.drift.quality.statistics import median
from starloop.drift.seen import Measure


def cadence(rows: Rows, fewest_objects: int, fewest_rows: int) -> Iterator[Measure]:
    """Measure each band's rows a night of the same objects, and whether the band is there at all.

    ``rows a night`` is the median of the logarithm (to base 2) of an object's rows in the night over its own mean of
    the past nights in which it had any: 0 as many, 1 twice as many. ``band lost`` is the share of objects without the
    band in the night, less the share of past nights in which they had been without it.
    """
    source = rows.source
    now = rows.night.groupby(KEY).size()
    past = rows.past.groupby(KEY).agg(rows=("mjd", "size"), nights=("whole_night", "nunique"))
    nights = rows.past.groupby("object")["whole_night"].nunique()
    often = past["rows"] / past["nights"]
    seen = np.sort(rows.night["object"].unique())
    old = nights[(nights >= fewest_rows) & nights.index.isin(seen)]
    for band in sorted(past.index.unique("band")):
        same = now.index[(now.index.get_level_values("band") == band) & now.index.isin(often.index)]
        ratio = np.log2(now[same] / often[same]).to_numpy()
        known = median(ratio) if len(ratio) >= fewest_objects else None
        yield about(source, str(band), "rows a night", "cadence", known, len(ratio))
        usual = past["nights"].xs(band, level="band").reindex(old.index, fill_value=0) / old
        there = old.index.isin(now.index[now.index.get_level_values("band") == band].get_level_values("object"))
        lost = usual.to_numpy() - there
        share = (float(lost.mean()), float(lost.std()) / len(lost) ** 0.5) if len(lost) >= fewest_objects else None
        yield about(source, str(band), "band lost", "missing", share, len(lost))
