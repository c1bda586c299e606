"""Whether an archive still fills its columns, and with the values it used to."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import ks_2samp

from starloop.drift.quality.rows import Rows, about
from starloop.drift.quality.statistics import Reals
from starloop.drift.seen import Measure

if TYPE_CHECKING:
    import pandas as pd


def columns(rows: Rows, fewest_objects: int) -> Iterator[Measure]:
    """Measure every column's nulls, and what became of flags and scores, on the same objects.

    ``nulls`` is the share of the night's rows without a value, less the share of the same objects' past rows without
    one. ``stuck`` is the share of rows with the night's commonest value, less its share in the past. ``values`` is the
    greatest difference of the cumulative distributions of night and past (Kolmogorov-Smirnov).
    """
    source, enough = rows.source, rows.objects >= fewest_objects
    own = {"object", "band", "whole_night", "alerted", "mjd", source.band}
    for column in sorted(set(rows.night.columns) - own):
        nulls = _nulls(rows, column) if enough else None
        yield about(source, column, "nulls", "missing", nulls, rows.objects)
    for column in source.scores:
        now, past = (part[column].dropna().to_numpy(dtype=float) for part in (rows.night, rows.past))
        filled = enough and len(now) >= fewest_objects <= len(past)
        yield about(source, column, "stuck", "flags", _stuck(now, past) if filled else None, len(now))
        yield about(source, column, "values", "flags", _values(now, past) if filled else None, len(now))


def _nulls(rows: Rows, column: str) -> tuple[float, float]:
    usual = rows.past[column].isna().groupby(rows.past["object"]).mean()
    more: pd.Series[float] = rows.night[column].isna() - rows.night["object"].map(usual)
    return float(more.mean()), float(more.std(ddof=0)) / len(more) ** 0.5


def _stuck(now: Reals, past: Reals) -> tuple[float, float]:
    values, counts = np.unique(now, return_counts=True)
    commonest = values[counts.argmax()]
    share = float(counts.max()) / len(now)
    return share - float(np.mean(past == commonest)), (share * (1 - share) / len(now)) ** 0.5


def _values(now: Reals, past: Reals) -> tuple[float, float]:
    noise = 0.5 * (1 / len(now) + 1 / len(past)) ** 0.5
    return float(ks_2samp(now, past).statistic), noise
