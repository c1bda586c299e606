"""How much a night brings."""

import math
from collections.abc import Iterator, Mapping

import pyarrow as pa

from starloop.drift.seen import Measure


def volume(
    detections: pa.Table, quarantined: Mapping[str, float], usual: Mapping[str, int], objects: int
) -> Iterator[Measure]:
    """Measure the night's number of objects, and how many of them are noise.

    ``objects`` is the logarithm (to base 10) of their number over that of the fullest night the champion knew.
    ``seen once`` is the share of objects with a single detection ever: real objects come back. ``quarantined`` is the
    share of a table's rows that failed a check.

    Parameters
    ----------
    detections : pa.Table
        The night's good detections, whole light curves.
    quarantined : mapping of str to float
        As in `Seen`.
    usual : mapping of str to int
        The reference's ``objects_per_night``.
    objects : int
        How many objects were active.
    """
    most = max(usual.values(), default=0)
    more = math.log10(objects / most) if objects and most else None
    yield Measure("objects", "night", "volume", more, 0.0, objects)
    counts = detections["oid"].value_counts()
    once = sum(1 for one in counts if one["counts"].as_py() == 1) / len(counts) if len(counts) else None
    yield Measure("seen once", "ALeRCE detections", "volume", once, 0.0, len(counts), "ALeRCE")
    for table, share in sorted(quarantined.items()):
        yield Measure("quarantined", table, "volume", share, 0.0, objects)
