"""Clean light curves, one band at a time: what every feature is computed from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from starloop.errors import BadInput
from starloop.features.curves import complete
from starloop.features.thinning import ranks

Reals = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

BANDS = ("g", "r")
# 100 is ZTF's "no measurement" in magnitudes and in errors; no star is that faint.
LARGEST_MAGNITUDE = 100.0
LARGEST_ERROR = 100.0
# An error below a micromagnitude is a placeholder, and its weight would drown every other point.
SMALLEST_ERROR = 1e-6
LARGEST_TIME = 1e7
# Two points of one band within the same second are one observation, delivered twice.
SAME_TIME = 1.0 / 86_400.0
# Of one object in one band; ZTF's busiest fields have fewer.
MOST_POINTS = 5_000


@dataclass(frozen=True)
class Points:
    """One light curve in one band: time (days, ascending, unique), magnitude and its error, float64 arrays."""

    time: Reals
    mag: Reals
    err: Reals

    def __len__(self) -> int:
        return len(self.time)

    def thinned(self, most: int) -> "Points":
        """Keep at most so many points."""
        kept = ranks(len(self), most)
        return Points(self.time[kept], self.mag[kept], self.err[kept])


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


@dataclass(frozen=True)
class Screened:
    """Light curves as the blocks of features take them; every part has all objects, in their order.

    Parameters
    ----------
    curves : pyarrow.Table
        As they came, with all columns of `starloop.features.curves.SCHEMA`.
    alert, release : dict of str to Band
        The points of alerts and of data releases, for each of `BANDS`.
    limits : dict of str to Band
        Upper limits: `mag` is the limit, `err` is NaN.
    """

    curves: pa.Table
    alert: dict[str, Band]
    release: dict[str, Band]
    limits: dict[str, Band]


def screen(curves: pa.Table) -> Screened:
    """Remove what no feature can use, then sort, de-duplicate and thin.

    A point is left out when it is of another band than `BANDS`, when its time, magnitude or error is null, not finite
    or beyond `LARGEST_TIME`, `LARGEST_MAGNITUDE`, `LARGEST_ERROR`, or when its error is below `SMALLEST_ERROR`. Of
    points in the same second the one with the smallest error stays, so the order of the input does not matter.
    Of more than `MOST_POINTS` in a band, that many stay (`thinning.ranks`): the time a light curve costs is bounded.

    Parameters
    ----------
    curves : pyarrow.Table
        Columns of `starloop.features.curves`, one object a row.

    Raises
    ------
    BadInput
        When a column is missing or has another type, or the lists of a row differ in length.
    """
    curves = complete(curves)
    return Screened(
        curves,
        alert=_bands(curves, "mjd", "mag", "err", "band"),
        release=_bands(curves, "release_mjd", "release_mag", "release_err", "release_band"),
        limits=_bands(curves, "limit_mjd", "limit_mag", None, "limit_band"),
    )


def flatten(curves: pa.Table, *names: str) -> tuple[Rows, list[pa.Array]]:
    """Put list columns that belong together end to end.

    Returns
    -------
    rows : numpy.ndarray
        Which object each value is of.
    values : list of pyarrow.Array
        One for each of the columns.

    Raises
    ------
    BadInput
        When the lists of a row differ in length; null counts as empty.
    """
    lists = [curves[name].combine_chunks() for name in names]
    lengths = [pc.fill_null(pc.list_value_length(column), 0).to_numpy() for column in lists]
    for name, length in zip(names[1:], lengths[1:], strict=True):
        differs = np.flatnonzero(length != lengths[0])
        if len(differs):
            raise BadInput(
                f"light curve {differs[0]} differs in length between {names[0]} and {name}: give one for each point"
            )
    rows: Rows = np.repeat(np.arange(len(curves)), lengths[0])
    return rows, [column.flatten() for column in lists]


def reals(values: pa.Array) -> Reals:
    """Give numbers as float64, null as NaN."""
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _bands(curves: pa.Table, time_name: str, mag_name: str, err_name: str | None, band_name: str) -> dict[str, Band]:
    measured = [time_name, mag_name] if err_name is None else [time_name, mag_name, err_name]
    row, columns = flatten(curves, *measured, band_name)
    time, mag, *errors = (reals(column) for column in columns[:-1])
    err = errors[0] if errors else np.full(len(time), np.nan)
    with np.errstate(invalid="ignore"):
        good = (np.abs(time) < LARGEST_TIME) & (np.abs(mag) < LARGEST_MAGNITUDE)
        if errors:
            good &= (err >= SMALLEST_ERROR) & (err < LARGEST_ERROR)
    chosen = {name: good & pc.fill_null(pc.equal(columns[-1], name), False).to_numpy(False) for name in BANDS}
    return {name: _band(len(curves), row[one], time[one], mag[one], err[one]) for name, one in chosen.items()}


def _band(rows: int, row: Rows, time: Reals, mag: Reals, err: Reals) -> Band:
    second = np.floor(time / SAME_TIME)
    order = np.lexsort((mag, time, err, second, row))
    row, second = row[order], second[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(row) != 0) | (np.diff(second) != 0)
    kept, counts = order[first], np.bincount(row[first], minlength=rows)
    if counts.max(initial=0) > MOST_POINTS:
        kept, counts = kept[_thin(counts)], counts.clip(max=MOST_POINTS)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    return Band(offsets, Points(time[kept], mag[kept], err[kept]))


def _thin(counts: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Give which of the points of all objects stay."""
    starts = np.cumsum(counts) - counts
    return np.concatenate([start + ranks(count, MOST_POINTS) for start, count in zip(starts, counts, strict=True)])
