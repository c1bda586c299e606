"""What schemathesis, which reads this, sends where the OpenAPI document says Arrow or Parquet: tables."""

import schemathesis
from hypothesis import strategies as st

from starloop.endpoint.arrow import ARROW, PARQUET
from tests.fuzz.tables import parquet, stream

_POINTS = st.lists(st.floats(allow_nan=True) | st.none(), max_size=5)
_BANDS = st.lists(st.sampled_from("gri"), max_size=5)
_ROW = st.fixed_dictionaries(
    {"id": st.text(max_size=10), "mjd": _POINTS, "mag": _POINTS, "err": _POINTS, "band": _BANDS}
)
_ROWS = st.lists(_ROW, min_size=1, max_size=3)

schemathesis.openapi.media_type(ARROW, _ROWS.map(stream) | st.binary(max_size=100))
schemathesis.openapi.media_type(PARQUET, _ROWS.map(parquet) | st.binary(max_size=100))
