"""Cutting nights out of a sky: what is known, when a night is over, of the objects that were active in it."""

import pyarrow as pa
import pyarrow.compute as pc

from starloop.features.night import KEYS
from starloop.nights.calendar import Night
from starloop.sky.simulator.observed import Tables

_KEYS = {**KEYS, "catalogues": "oid"}


def active(tables: Tables, night: Night) -> pa.Array:
    """Give the objects with a detection in a night, sorted."""
    mjd = tables["detections"]["mjd"]
    tonight = pc.and_(pc.greater_equal(mjd, night.begin), pc.less(mjd, night.end))
    return pc.unique(tables["detections"]["oid"].filter(tonight)).sort()


def observed(tables: Tables, first: Night, last: Night) -> list[Night]:
    """Give the nights in which anything was active."""
    return [night for night in first.until(last) if len(active(tables, night))]


def cut(tables: Tables, night: Night, oids: pa.Array) -> Tables:
    """Give all rows about some objects up to a night's end, sorted by object as a night has them."""
    known = {"tess": tables["tess"].slice(0, 0)}
    for name, key in _KEYS.items():
        rows = tables[name].filter(pc.is_in(tables[name][key], value_set=oids))
        if "mjd" in rows.column_names:
            rows = rows.filter(pc.less(rows["mjd"], night.end))
        known[name] = rows.sort_by(key)
    return known
