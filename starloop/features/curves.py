"""What features are computed from: one object a row, its photometry as lists."""

import pyarrow as pa

from starloop.errors import BadInput

REALS = pa.list_(pa.float64())
WORDS = pa.list_(pa.string())

REQUIRED = pa.schema([("oid", pa.string()), ("mjd", REALS), ("mag", REALS), ("err", REALS), ("band", WORDS)])
"""Alert photometry: days, magnitudes (apparent or difference, never both in one object) and bands."""

OPTIONAL = pa.schema(
    [
        # Nights that looked and saw nothing: five-sigma limits.
        ("limit_mjd", REALS),
        ("limit_mag", REALS),
        ("limit_band", WORDS),
        # Data-release photometry: another measurement, with features of its own.
        ("release_mjd", REALS),
        ("release_mag", REALS),
        ("release_err", REALS),
        ("release_band", WORDS),
        # TESS: days (BTJD) and flux relative to its median.
        ("tess_time", REALS),
        ("tess_flux", REALS),
        ("tess_err", REALS),
        # Of every alert detection: real-bogus score, distance of the reference source (arcsec), brighter or fainter.
        ("detection_score", REALS),
        ("detection_distance", REALS),
        ("detection_positive", pa.list_(pa.bool_())),
        # Context. A redshift is the asker's: in training it would be the label's own catalogue's.
        ("apparent", pa.bool_()),
        ("galactic_latitude", pa.float64()),
        ("nearest_source", pa.float64()),
        ("redshift", pa.float64()),
    ]
)
"""Null, or a column that is not there, is not known."""

SCHEMA = pa.schema([*REQUIRED, *OPTIONAL])


def complete(curves: pa.Table) -> pa.Table:
    """Give curves all columns of `SCHEMA`, in order, with nulls where one is not there.

    Raises
    ------
    BadInput
        When a required column is missing, or a column has another type.
    """
    missing = [name for name in REQUIRED.names if name not in curves.column_names]
    if missing:
        raise BadInput(f"the light curves lack the column {', '.join(missing)}: they need {', '.join(REQUIRED.names)}")
    columns = []
    for field in SCHEMA:
        if field.name not in curves.column_names:
            columns.append(pa.nulls(len(curves), field.type))
            continue
        try:
            columns.append(curves[field.name].cast(field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as wrong:
            raise BadInput(f"the column {field.name} of the light curves is not {field.type}: {wrong}") from None
    return pa.table(columns, schema=SCHEMA)
