"""What schemathesis sends where the OpenAPI document says Arrow or Parquet: tables, read from these hooks."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import schemathesis
from hypothesis import strategies as st

from tests.fuzz.bodies import ARROW, PARQUET, stream

_NUMBERS = st.floats(allow_nan=True) | st.none()
_POINTS = st.lists(_NUMBERS, max_size=5)
_ROW = st.fixed_dictionaries(
    {
        "id": st.text(max_size=10),
        "mjd": _POINTS,
        "mag": _POINTS,
        "err": _POINTS,
        "band": st.lists(st.sampled_from("gri"), max_size=5),
    }
)
_ROWS = st.lists(_ROW, min_size=1, max_size=3)


def _parquet(rows: list[dict[str, object]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


schemathesis.openapi.media_type(ARROW, _ROWS.map(stream) | st.binary(max_size=100))
schemathesis.openapi.media_type(PARQUET, _ROWS.map(_parquet) | st.binary(max_size=100))
