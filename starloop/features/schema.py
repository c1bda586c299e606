"""The fixed schema of the features: names, types, and a digest of everything that decides their values."""

import hashlib
import json

import light_curve
import pyarrow as pa

from starloop.features import colour, fold, periods, photometry, screening, statistics, transient

# Raise it when the same parameters give other values.
VERSION = 1

NAMES: tuple[str, ...] = (
    *(f"{band}_{name}" for band in screening.BANDS for name in statistics.NAMES),
    *(f"{band}_{name}" for band in screening.BANDS for name in transient.NAMES),
    *colour.NAMES,
    *periods.NAMES,
)

_PARAMETERS = {
    "version": VERSION,
    "light_curve": light_curve.__version__,
    "photometry": photometry.CORRECTED_SHARE,
    "screening": [
        screening.LARGEST_MAGNITUDE,
        screening.LARGEST_ERROR,
        screening.SMALLEST_ERROR,
        screening.LARGEST_TIME,
        screening.SAME_TIME,
    ],
    "statistics": [*statistics.QUANTILES, statistics.STANDARD_DEVIATIONS],
    "colour": colour.PAIR_DAYS,
    "periods": [
        periods.FEWEST_POINTS,
        periods.SHORTEST_SPAN,
        periods.HIGHEST_FREQUENCY,
        periods.GRID,
        periods.PEAKS,
        periods.NEAR,
        periods.NEAREST,
        periods.ERROR_FLOOR,
        fold.HARMONICS,
    ],
}


def schema() -> pa.Schema:
    """Give the columns of a feature table: oid, then `NAMES` as float32."""
    return pa.schema([("oid", pa.string()), *((name, pa.float32()) for name in NAMES)])


def digest() -> str:
    """Give the SHA-256 of the names, their types, the parameters and the versions of the code behind them."""
    columns = [[field.name, str(field.type)] for field in schema()]
    told = json.dumps({"columns": columns, "parameters": _PARAMETERS}, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
