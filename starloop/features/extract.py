"""Features of light curves: the one function that training, scoring and the endpoint all call."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.features.blocks import BLOCKS
from starloop.features.curves import complete
from starloop.features.schema import schema
from starloop.features.screening import BANDS, Flags, screen

COUNTS = (*(f"{of}{band}_observation_count" for of in ("", "release_") for band in BANDS), "tess_count")
"""Numbers of usable points: where all of them are missing, nothing is known."""

# What is worked on at a time; memory beyond the input and the answer is bounded by it, and no value depends on it.
_MOST_OBJECTS = 1_000
_MOST_POINTS = 300_000


def extract(curves: pa.Table, *, n_jobs: int = 1) -> pa.Table:
    """Compute the features of light curves.

    Every light curve is treated alone and in float64, so its features are the same bits in any batch, in any order
    and with any number of threads. They are worked on a few at a time: beside `curves` and the answer, memory does not
    grow with their number.

    Parameters
    ----------
    curves : pyarrow.Table
        One object a row, with the columns of `starloop.features.curves`: oid, and the lists mjd (days), mag, err
        (magnitudes) and band; whatever else is known. Any order of points. `screening.screen` says which are used.
    n_jobs : int
        Threads.

    Returns
    -------
    pyarrow.Table
        The rows of `curves` in their order, with the columns of `schema.schema`. NaN is a missing value: too few
        points, a band that was not observed, or something that is not known.

    Raises
    ------
    BadInput
        When a column is missing or has another type, or the lists of a row differ in length.
    """
    return pa.concat_tables([schema().empty_table(), *stream([curves], n_jobs=n_jobs)]).combine_chunks()


def stream(batches: Iterable[pa.Table], *, n_jobs: int = 1) -> Iterator[pa.Table]:
    """Compute the features of light curves that come in batches, as `extract` does.

    Parameters
    ----------
    batches : iterable of pyarrow.Table
        Light curves, of any number a batch.
    n_jobs : int
        Threads.

    Yields
    ------
    pyarrow.Table
        Features, in the order of the light curves, of at most a few hundred objects.
    """
    for batch in batches:
        for part in _parts(complete(batch)):
            yield _features(part, n_jobs)


def too_few_points(features: pa.Table) -> Flags:
    """Tell which objects have no usable point: neither in g or r, of alerts or of a data release, nor of TESS.

    Parameters
    ----------
    features : pyarrow.Table
        As `extract` gave it.

    Returns
    -------
    numpy.ndarray of bool, shape (objects,)
    """
    missing = np.stack([np.isnan(features[name].to_numpy()) for name in COUNTS])
    nothing: Flags = np.logical_and.reduce(missing)
    return nothing


def _features(curves: pa.Table, n_jobs: int) -> pa.Table:
    seen = screen(curves)
    blocks = [block.values(seen, n_jobs) for block in BLOCKS]
    with np.errstate(over="ignore"):
        values = np.concatenate(blocks, axis=1).astype(np.float32)
    # Points a moment apart make slopes without bound: beyond float32 nothing is known.
    values[np.isinf(values)] = np.nan
    return pa.table([curves["oid"], *values.T], schema=schema())


def _parts(curves: pa.Table) -> Iterator[pa.Table]:
    lists = [name for name in curves.column_names if pa.types.is_list(curves.schema.field(name).type)]
    points = sum(pc.fill_null(pc.list_value_length(curves[name]), 0).to_numpy().astype(np.int64) for name in lists)
    total = np.cumsum(points)
    first = 0
    while first < len(curves):
        before = total[first - 1] if first else 0
        last = int(np.searchsorted(total, before + _MOST_POINTS * len(lists), side="right"))
        last = max(first + 1, min(last, first + _MOST_OBJECTS))
        yield curves.slice(first, last - first)
        first = last
