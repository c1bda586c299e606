"""What ALeRCE says of an object: sums over the detections that are visible."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from starloop.sky.server.clock import View
from starloop.sky.server.sphere import Positions

# The order of ALeRCE's answer; what a sky directory cannot tell is null.
_COLUMNS = {
    "oid": pa.string(),
    "ndethist": pa.string(),
    "ncovhist": pa.int64(),
    "mjdstarthist": pa.float64(),
    "mjdendhist": pa.float64(),
    "corrected": pa.bool_(),
    "stellar": pa.bool_(),
    "ndet": pa.int64(),
    "g_r_max": pa.float64(),
    "g_r_max_corr": pa.float64(),
    "g_r_mean": pa.float64(),
    "g_r_mean_corr": pa.float64(),
    "firstmjd": pa.float64(),
    "lastmjd": pa.float64(),
    "deltajd": pa.float64(),
    "meanra": pa.float64(),
    "meandec": pa.float64(),
    "sigmara": pa.float64(),
    "sigmadec": pa.float64(),
    "class": pa.string(),
    "classifier": pa.string(),
    "probability": pa.float64(),
    "step_id_corr": pa.string(),
}


def known_objects(view: View) -> pa.Table:
    """Give one row an object with detections, in the order of the view's keys."""
    sums = view.detections.table.group_by("oid", use_threads=False).aggregate(
        [("oid", "count"), ("corrected", "any"), ("mjd", "min"), ("mjd", "max")]
    )
    sums = sums.sort_by("oid")  # groups come in no order, and the positions below in that of the keys
    meanra, meandec = view.detections.positions()
    known = {
        "oid": sums["oid"],
        "corrected": sums["corrected_any"],
        "ndet": sums["oid_count"],
        "firstmjd": sums["mjd_min"],
        "lastmjd": sums["mjd_max"],
        "deltajd": pc.subtract(sums["mjd_max"], sums["mjd_min"]),
        "meanra": meanra,
        "meandec": meandec,
    }
    return pa.table({name: known.get(name, pa.nulls(len(sums), kind)) for name, kind in _COLUMNS.items()})


def positions(view: View) -> Positions:
    """Index the objects' mean positions."""
    objects = view.derive(known_objects)
    return Positions(objects["meanra"].to_numpy(), objects["meandec"].to_numpy())


def magnitude_statistics(detections: pa.Table) -> pa.Table:
    """Give one row a filter of one object's detections, as ALeRCE's ``magstats``."""
    by_filter = detections.group_by("fid", use_threads=False).aggregate(
        [
            ("fid", "count"),
            ("magpsf", "mean"),
            ("magpsf", "min"),
            ("magpsf", "max"),
            ("magpsf", "stddev"),
            ("magpsf", "approximate_median"),
            ("magpsf", "first"),
            ("magpsf", "last"),
            ("mjd", "min"),
            ("mjd", "max"),
            ("corrected", "any"),
            ("dubious", "sum"),
        ]
    )
    told = {
        "fid": "fid",
        "ndet": "fid_count",
        "ndubious": "dubious_sum",
        "corrected": "corrected_any",
        "magmean": "magpsf_mean",
        "magmedian": "magpsf_approximate_median",
        "magmax": "magpsf_max",
        "magmin": "magpsf_min",
        "magsigma": "magpsf_stddev",
        "magfirst": "magpsf_first",
        "maglast": "magpsf_last",
        "firstmjd": "mjd_min",
        "lastmjd": "mjd_max",
    }
    return pa.table({name: by_filter[column] for name, column in told.items()}).sort_by("fid")


def rows_of(detections: pa.Table) -> list[dict[str, Any]]:
    """Write one object's detections; a null is left out, as ALeRCE does."""
    rows = detections.drop_columns("oid").to_pylist()
    return [{name: value for name, value in row.items() if value is not None} | {"has_stamp": False} for row in rows]
