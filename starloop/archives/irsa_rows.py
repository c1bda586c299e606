"""IRSA's CSV as columns of the releases table."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from starloop.archives.line import Unavailable
from starloop.sky.tables import RELEASES

COLUMNS = tuple(name for name in RELEASES.names if name != "query")
_WHOLE = {"expid", "filefracday", "ccdid", "qid", "programid"}
"""IRSA writes the small ones of its whole numbers in hexadecimal, 0x0c, which is read only where one is expected."""
_NULLS = ["", "null", "nan", "NaN"]
_ALONE = csv.ReadOptions(use_threads=False)
"""Many answers are read at once: sharing one out among threads costs more than it saves."""
_TYPES = {name: pa.int64() if name in _WHOLE else RELEASES.field(name).type for name in COLUMNS}


def read(body: bytes, columns: Sequence[str] = COLUMNS) -> pa.Table:
    """Read an answer; a header alone is an empty table.

    Parameters
    ----------
    columns : sequence of str
        Those that are wanted, in the order wanted.

    Raises
    ------
    Unavailable
        When it is not the service's CSV.
    """
    if body.lstrip()[:1] == b"<":
        raise Unavailable("HTML instead of CSV")
    wanted = csv.ConvertOptions(
        include_columns=columns, column_types=_TYPES, null_values=_NULLS, strings_can_be_null=True
    )
    try:
        table = csv.read_csv(pa.BufferReader(body), read_options=_ALONE, convert_options=wanted)
    except (pa.ArrowException, KeyError) as wrong:
        raise Unavailable(f"its answer is not a light-curve table: {wrong}"[:160]) from wrong
    told = zip(columns, table.columns, strict=True)
    return pa.table({name: pc.cast(column, pa.float64()) if name in _WHOLE else column for name, column in told})
