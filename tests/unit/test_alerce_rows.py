"""ALeRCE's rows become columns without its ways of saying "nothing", and without losing any."""

import math
import random
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.archives.alerce_rows import INVALID_MAGNITUDE, detections, limits
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS

END = 59000.0
MAGNITUDES = ("magpsf", "sigmapsf", "magpsf_corr", "sigmapsf_corr", "sigmapsf_corr_ext")
NEVER_ZERO = (*MAGNITUDES, "isdiffpos", "rb", "drb", "distnr", "diffmaglim")


def _rows(count: int = 3, **told: Any) -> list[dict[str, Any]]:
    return [{"candid": f"{number:03}", "mjd": 58000.0 + number} | told for number in range(count)]


def test_a_null_an_absent_key_and_no_number_at_all_are_the_same() -> None:
    whole = [name for name in DETECTIONS.names if name not in ("oid", "candid", "mjd")]
    absent = detections("a", _rows(), END)
    assert absent.schema == DETECTIONS
    assert all(absent[name].null_count == 3 for name in whole)
    assert detections("a", _rows(**dict.fromkeys(whole)), END) == absent
    assert detections("a", _rows(magpsf=math.nan, ra=math.nan), END) == absent


@pytest.mark.parametrize("name", NEVER_ZERO)
def test_zero_is_no_measurement_where_none_can_be_zero(name: str) -> None:
    for zero in (0, 0.0, -0.0):
        assert detections("a", _rows(**{name: zero}), END)[name].null_count == 3


@pytest.mark.parametrize("name", ["ra", "dec"])
def test_a_position_may_be_zero(name: str) -> None:
    assert detections("a", _rows(**{name: 0}), END)[name].to_pylist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("name", MAGNITUDES)
def test_a_magnitude_of_100_is_none(name: str) -> None:
    assert detections("a", _rows(**{name: INVALID_MAGNITUDE}), END)[name].null_count == 3
    assert detections("a", _rows(**{name: 99.9}), END)[name].to_pylist() == 3 * [99.9]


@pytest.mark.parametrize("name", ["distnr", "ra"])
def test_what_is_no_magnitude_may_be_100(name: str) -> None:
    assert detections("a", _rows(**{name: 100}), END)[name].to_pylist() == 3 * [100.0]


@pytest.mark.parametrize(
    ("told", "means"), [("t", 1.0), ("f", -1.0), (1, 1.0), (-1, -1.0), ("1", 1.0), ("-1", -1.0), (None, None)]
)
def test_the_sign_of_a_difference_is_read_in_all_its_spellings(told: object, means: float | None) -> None:
    assert detections("a", _rows(isdiffpos=told), END)["isdiffpos"].to_pylist() == 3 * [means]


def test_a_candid_is_text_in_full_length() -> None:
    number = 1101542291015015004
    assert detections("a", _rows(1, candid=number), END)["candid"].to_pylist() == [str(number)]
    assert detections("a", _rows(1, candid=None), END)["candid"].to_pylist() == [None]


def test_rows_of_later_nights_are_left_out_and_rows_without_a_time_are_kept_at_the_end() -> None:
    rows = [{"candid": "b"}, {"candid": "late", "mjd": END}, {"candid": "a", "mjd": math.nan}, *_rows(1)]
    told = detections("a", rows, END)
    assert told["candid"].to_pylist() == ["000", "a", "b"]
    assert told["mjd"].to_pylist() == [58000.0, None, None]
    seen = limits("a", [{"fid": 2}, {"fid": 1, "mjd": END - 0.1}, {"fid": 1, "mjd": END}], END)
    assert seen["fid"].to_pylist() == [1, 2]


def test_no_rows_are_an_empty_table() -> None:
    assert detections("a", [], END).equals(DETECTIONS.empty_table())
    assert limits("a", [], END).equals(NON_DETECTIONS.empty_table())


@given(st.lists(st.tuples(st.floats(58000, 58003), st.integers(1, 3)), max_size=30), st.randoms())
def test_the_order_in_which_rows_come_does_not_matter(times: list[tuple[float, int]], shuffled: random.Random) -> None:
    rows = [{"candid": str(n), "mjd": mjd, "fid": fid} for n, (mjd, fid) in enumerate(times)]
    other = shuffled.sample(rows, len(rows))
    assert detections("a", rows, END) == detections("a", other, END)
    assert limits("a", rows, END) == limits("a", other, END)
    assert detections("a", rows, END)["mjd"].to_pylist() == sorted(mjd for mjd, _ in times)


@pytest.mark.parametrize("row", [{"mjd": "soon"}, {"mjd": 1.0, "fid": 999}, {"mjd": 1.0, "rb": []}, 3, [], None])
def test_what_is_no_row_is_an_error(row: Any) -> None:
    with pytest.raises((AttributeError, TypeError, ValueError, pa.ArrowException)):
        detections("a", [row], END)
