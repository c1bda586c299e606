"""How deep the exposures reach."""

from collections.abc import Iterator

from starloop.drift.quality.rows import Rows, about, beside
from starloop.drift.quality.statistics import median
from starloop.drift.seen import Measure


def depth(rows: Rows, fewest_objects: int, fewest_rows: int) -> Iterator[Measure]:
    """Measure each band's median change of the limiting magnitude (mag), place by place; shallower is negative.

    Clouds and the Moon make a night shallower; nothing but another instrument or calibration makes it much deeper.
    """
    source = rows.source
    if source.limit is None:
        return
    for band, found in beside(rows, source.limit, fewest_rows).groupby(level="band"):
        known = median(found["change"].to_numpy()) if len(found) >= fewest_objects else None
        yield about(source, str(band), "depth", "depth", known, len(found))
