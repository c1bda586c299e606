"""Statistics of a light curve in one band.

Computed by ``light-curve`` (Malanchev et al. 2021, doi:10.1093/mnras/stab316), many light curves at once.
"""

from functools import cache

import numpy as np
import pyarrow as pa
from light_curve import light_curve_ext as lc

from starloop.features.screening import Band, Reals

QUANTILES = (0.02, 0.1, 0.25)
STANDARD_DEVIATIONS = 1.0

_FIELDS = {"t": "time", "m": "mag", "sigma": "err"}


@cache
def _extractor() -> lc.Extractor:
    return lc.Extractor(
        lc.Amplitude(),
        lc.BeyondNStd(STANDARD_DEVIATIONS),
        lc.Cusum(),
        lc.Duration(),
        lc.Eta(),
        lc.EtaE(),
        lc.ExcessVariance(),
        *(lc.InterPercentileRange(quantile) for quantile in QUANTILES),
        lc.Kurtosis(),
        lc.LinearTrend(),
        lc.MaximumSlope(),
        lc.Mean(),
        lc.Median(),
        lc.MedianAbsoluteDeviation(),
        lc.ObservationCount(),
        lc.PercentAmplitude(),
        lc.ReducedChi2(),
        lc.Skew(),
        lc.StandardDeviation(),
        lc.StetsonK(),
        lc.WeightedMean(),
    )


NAMES: tuple[str, ...] = (
    "amplitude",
    "beyond_1_std",
    "cusum",
    "duration",
    "eta",
    "eta_e",
    "excess_variance",
    "inter_percentile_range_2",
    "inter_percentile_range_10",
    "inter_percentile_range_25",
    "kurtosis",
    "linear_trend",
    "linear_trend_sigma",
    "linear_trend_noise",
    "maximum_slope",
    "mean",
    "median",
    "median_absolute_deviation",
    "observation_count",
    "percent_amplitude",
    "reduced_chi2",
    "skew",
    "standard_deviation",
    "stetson_k",
    "weighted_mean",
)


def statistics(band: Band, *, n_jobs: int) -> Reals:
    """Compute the statistics `NAMES` of every light curve of a band.

    Definitions, minimum numbers of points and sources of each are those of
    Malanchev et al. 2021 (doi:10.1093/mnras/stab316, appendix A).

    Parameters
    ----------
    band : Band
        Screened light curves.
    n_jobs : int
        Threads; the values do not depend on it.

    Returns
    -------
    numpy.ndarray, shape (objects, len(NAMES))
        Magnitudes, days and their ratios; NaN where a light curve has too few points, or none in this band.
    """
    values = np.full((len(band), len(NAMES)), np.nan)
    present = np.flatnonzero(np.diff(band.offsets))
    if len(present):
        # Rows without points are left out: their count would be 0, and absent is not zero.
        columns = [pa.array(band.points.time), pa.array(band.points.mag), pa.array(band.points.err)]
        points = pa.StructArray.from_arrays(columns, ["time", "mag", "err"])
        bounds = pa.array(np.append(band.offsets[present], band.offsets[-1]))
        curves = pa.ListArray.from_arrays(bounds, points)
        values[present] = _extractor().many(curves, arrow_fields=_FIELDS, fill_value=np.nan, sorted=True, n_jobs=n_jobs)
    return values
