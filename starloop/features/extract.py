"""Features of light curves: the one function that training, scoring and the endpoint all call."""

import numpy as np
import pyarrow as pa

from starloop.errors import BadInput
from starloop.features.colour import colours
from starloop.features.periods import periods
from starloop.features.schema import schema
from starloop.features.screening import BANDS, screen
from starloop.features.statistics import statistics
from starloop.features.transient import rise_and_decay


def extract(curves: pa.Table, *, n_jobs: int = 1) -> pa.Table:
    """Compute the features of light curves.

    Every light curve is treated alone and in float64, so its features are the same bits in any batch, in any order
    and with any number of threads.

    Parameters
    ----------
    curves : pyarrow.Table
        One object a row: oid, and the lists mjd (days), mag, err (magnitudes) and band (``g`` or ``r``; points of
        another band, without a positive error or with a value that is not finite are left out). Any order of points.
    n_jobs : int
        Threads.

    Returns
    -------
    pyarrow.Table
        The rows of `curves` in their order, with the columns of `schema.schema`. NaN is a missing value: too few
        points, or a band that was not observed.

    Raises
    ------
    BadInput
        When a column is missing or the lists of a row differ in length.
    """
    if "oid" not in curves.column_names:
        raise BadInput("the light curves lack the column oid: they need oid, mjd, mag, err and band")
    if not len(curves):
        return schema().empty_table()
    bands = screen(curves)
    points = {name: list(bands[name]) for name in BANDS}
    blocks = [statistics(bands[name], n_jobs=n_jobs) for name in BANDS]
    blocks += [np.stack([rise_and_decay(one) for one in points[name]]) for name in BANDS]
    blocks.append(np.stack([colours(g, r) for g, r in zip(points["g"], points["r"], strict=True)]))
    blocks.append(periods(points["g"], points["r"], n_jobs=n_jobs))
    values = np.concatenate(blocks, axis=1).astype(np.float32)
    return pa.table([curves["oid"], *values.T], schema=schema())
