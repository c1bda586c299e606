"""Whether the sources of IRSA's light curves still have the identifiers they had."""

from collections.abc import Iterator

from starloop.drift.quality.rows import EPOCHS, Rows, about
from starloop.drift.seen import Measure

_PLACE = ["object", "band", "field", "ccdid", "qid"]


def identifiers(rows: Rows, fewest_objects: int) -> Iterator[Measure]:
    """Measure, per band, the share of sources that IRSA gives another oid than ever before.

    A source has an oid for each field, filter and quadrant of the camera it was seen in: where none of these is new, a
    new oid is a new data release.
    """
    if rows.source is not EPOCHS:
        return
    past = rows.past[[*_PLACE, "oid"]].drop_duplicates().set_index(_PLACE)
    now = rows.night[[*_PLACE, "oid"]].drop_duplicates().set_index(_PLACE)
    now = now[now.index.isin(past.index)]
    known = now.set_index("oid", append=True).index.isin(past.set_index("oid", append=True).index)
    band = now.index.get_level_values("band")
    for name in rows.bands:
        new = ~known[band == name]
        share = (float(new.mean()), float(new.std()) / len(new) ** 0.5) if len(new) >= fewest_objects else None
        yield about(EPOCHS, name, "new identifiers", "release", share, len(new))
