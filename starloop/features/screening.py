"""Clean light curves, one band at a time: what every feature is computed from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from starloop.errors import BadInput

Reals = npt.NDArray[np.float64]

BANDS = ("g", "r")
# 100 is ZTF's "no measurement" in magnitudes and in errors; no star is that faint.
LARGEST_MAGNITUDE = 100.0
LARGEST_ERROR = 100.0
# An error below a micromagnitude is a placeholder, and its weight would drown every other point.
SMALLEST_ERROR = 1e-6
LARGEST_TIME = 1e7
# Two points of one band within the same second are one observation, delivered twice.
SAME_TIME = 1.0 / 86_400.0


@dataclass(frozen=True)
class Points:
    """One light curve in one band: time (days, ascending, unique), magnitude and its error, float64 arrays."""

    time: Reals
    mag: Reals
    err: Reals

    def __len__(self) -> int:
        return len(self.time)


@dataclass(frozen=True)
class Band:
    """The light curves of many objects in one band, end to end.

    Parameters
    ----------
    offsets : numpy.ndarray
        Object ``i`` has the points ``offsets[i]:offsets[i + 1]``.
    points : Points
        The points of every object.
    """

    offsets: npt.NDArray[np.int32]
    points: Points

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __iter__(self) -> Iterator[Points]:
        for first, last in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            yield Points(self.points.time[first:last], self.points.mag[first:last], self.points.err[first:last])


def screen(curves: pa.Table) -> dict[str, Band]:
    """Remove what no feature can use, then sort and de-duplicate.

    Parameters
    ----------
    curves : pyarrow.Table
        Columns mjd (days), mag, err (lists of floats) and band (lists of strings), one object a row.

    Returns
    -------
    dict of str to Band
        For each of `BANDS`, the remaining points of every row. Of points at the same time the one
        with the smallest error stays, so the order of the input does not matter.

    Raises
    ------
    BadInput
        When a column is missing or the lists of a row differ in length.
    """
    missing = [name for name in ("mjd", "mag", "err", "band") if name not in curves.column_names]
    if missing:
        raise BadInput(f"the light curves lack the column {', '.join(missing)}: they need oid, mjd, mag, err and band")
    lists = {name: curves[name].combine_chunks() for name in ("mjd", "mag", "err", "band")}
    lengths = {name: _lengths(column) for name, column in lists.items()}
    for name in ("mag", "err", "band"):
        differs = np.flatnonzero(lengths[name] != lengths["mjd"])
        if len(differs):
            raise BadInput(
                f"light curve {differs[0]} differs in length between mjd and {name}: give one for each point"
            )
    row = np.repeat(np.arange(len(curves)), lengths["mjd"])
    time, mag, err = (_reals(lists[name]) for name in ("mjd", "mag", "err"))
    band = lists["band"].flatten()
    with np.errstate(invalid="ignore"):
        good = (np.abs(time) < LARGEST_TIME) & (np.abs(mag) < LARGEST_MAGNITUDE)
        good &= (err >= SMALLEST_ERROR) & (err < LARGEST_ERROR)
    named = np.asarray(band.to_pylist(), dtype=object)
    chosen = {name: good & (named == name) for name in BANDS}
    return {name: _band(len(curves), row[one], time[one], mag[one], err[one]) for name, one in chosen.items()}


def _lengths(column: pa.ListArray) -> npt.NDArray[np.int64]:
    lengths: npt.NDArray[np.int64] = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return lengths


def _reals(column: pa.ListArray) -> Reals:
    values = column.flatten().to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


def _band(rows: int, row: npt.NDArray[np.int64], time: Reals, mag: Reals, err: Reals) -> Band:
    second = np.floor(time / SAME_TIME)
    order = np.lexsort((mag, time, err, second, row))
    row, second = row[order], second[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(row) != 0) | (np.diff(second) != 0)
    kept = order[first]
    offsets = np.concatenate([[0], np.cumsum(np.bincount(row[first], minlength=rows))]).astype(np.int32)
    return Band(offsets, Points(time[kept], mag[kept], err[kept]))
