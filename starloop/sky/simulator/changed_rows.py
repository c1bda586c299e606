"""Scenarios of the archive: what it serves is not what the telescope saw."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from starloop.sky.populations.objects import RED, Flags, Reals

ZERO_POINT_MAG = 0.15
NEW_RELEASE_MAG = 0.03
NULL_SHARE = 0.3
STUCK_RB, STUCK_CATFLAGS = 0.5, 32768
BAD_SCATTER = 3.0

_SENTINEL_MAG = 99.0
_MAGNITUDES = {
    "detections": ("magpsf", "magpsf_corr", "diffmaglim"),
    "non_detections": ("diffmaglim",),
    "releases": ("mag", "limitmag", "magzp"),
}
_LOST = {
    "detections": ("magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext", "rb", "drb", "distnr"),
    "releases": ("chi", "sharp", "limitmag", "magzprms"),
}

Change = Callable[[np.random.Generator, str, pa.Table], pa.Table]


def _zero_point(rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table:
    """Make all r magnitudes fainter."""
    red = _values(rows, "filtercode") == "zr" if table == "releases" else _values(rows, "fid") == RED
    for column in _MAGNITUDES[table]:
        mag = _reals(rows, column)
        rows = _with(rows, column, np.where(red & (mag < _SENTINEL_MAG), mag + ZERO_POINT_MAG, mag))
    return rows


def _data_release(rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table:
    """Calibrate release photometry anew; its new identifiers are given where it is written."""
    return _with(rows, "mag", _reals(rows, "mag") + NEW_RELEASE_MAG) if table == "releases" else rows


def _stuck_flags(rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table:
    """Write one real-bogus score on all alerts, and the flag for unusable ones on all release epochs."""
    if table == "detections":
        return _with(rows, "rb", np.full(len(rows), STUCK_RB))
    return _with(rows, "catflags", np.full(len(rows), STUCK_CATFLAGS)) if table == "releases" else rows


def _nulls(rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table:
    """Lose several columns of three rows in ten; none that a row cannot do without."""
    lost: Flags = rng.uniform(size=len(rows)) < NULL_SHARE
    for column in _LOST.get(table, ()):
        rows = _with(rows, column, np.where(lost, np.nan, _reals(rows, column)))
    return rows


def _bad_night(rng: np.random.Generator, table: str, rows: pa.Table) -> pa.Table:
    """Scatter release photometry three times as far as its errors say."""
    if table != "releases":
        return rows
    more = np.sqrt(BAD_SCATTER**2 - 1) * _reals(rows, "magerr") * rng.standard_normal(len(rows))
    return _with(rows, "mag", _reals(rows, "mag") + more)


CHANGES: dict[str, Change] = {
    "zero-point": _zero_point,
    "data-release": _data_release,
    "stuck-flags": _stuck_flags,
    "nulls": _nulls,
    "bad-night": _bad_night,
}
"""What a scenario makes of the rows of ``detections``, ``non_detections`` or ``releases`` while it is at work."""


def _values(rows: pa.Table, column: str) -> np.ndarray:
    values: np.ndarray = rows[column].to_numpy()
    return values


def _reals(rows: pa.Table, column: str) -> Reals:
    return _values(rows, column).astype(np.float64)


def _with(rows: pa.Table, column: str, values: np.ndarray) -> pa.Table:
    place = rows.schema.get_field_index(column)
    of = rows.schema.field(place)
    return rows.set_column(place, of, pa.array(values, of.type, from_pandas=True))
