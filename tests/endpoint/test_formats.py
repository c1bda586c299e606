"""Light curves as Arrow and Parquet: the answers of the same JSON, the same refusals, and bytes that lie."""

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from starloop.endpoint import arrow, formats, smoke
from starloop.endpoint.arrow import ARROW, PARQUET
from starloop.endpoint.problems import Refused

CURVES = smoke.known()


def stream(table: pa.Table, compression: str | None = None) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as writer:
        writer.write_table(table)
    return sink.getvalue()


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def packed(media: str, table: pa.Table) -> bytes:
    return stream(table) if media == ARROW else parquet(table)


@pytest.mark.parametrize("media", [ARROW, PARQUET])
def test_a_table_is_answered_as_json_is(endpoint: TestClient, media: str) -> None:
    kinds = (
        ("mjd", pa.large_list(pa.float64())),
        ("band", pa.list_(pa.large_string())),
        ("err", pa.list_(pa.float64())),
    )
    table = pa.Table.from_pylist(CURVES)
    for name, kind in kinds:
        table = table.set_column(table.column_names.index(name), name, table[name].cast(kind))
    as_json = endpoint.post("/classify", json=CURVES).json()
    told = endpoint.post("/classify", content=packed(media, table), headers={"Content-Type": media})
    assert told.status_code == 200, told.text
    random = "prediction_id"
    assert [one | {random: 0} for one in told.json()] == [one | {random: 0} for one in as_json]


@pytest.mark.parametrize("media", [ARROW, PARQUET])
@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"mag": [float("nan"), 1.0]}, "[1].mag[0]"),
        ({"err": [0.1]}, "[1].err"),
        ({"band": ["g", "z"]}, "[1].band[1]"),
        ({"mag": ["18", "19"]}, "[1].mag[0]"),
        ({"id": None}, "[1].id"),
        ({"magpsf": 1.0}, "[1].magpsf"),
    ],
)
def test_a_wrong_value_has_the_path_it_has_in_json(media: str, changed: dict[str, Any], path: str) -> None:
    good: dict[str, Any] = {"id": "a", "mjd": [1.0, 2.0], "band": ["g", "r"], "mag": [18.0, 18.1], "err": [0.1, 0.1]}
    first = good | ({"mag": ["18", "19"]} if changed.get("mag") == ["18", "19"] else {})
    first |= {"magpsf": None} if "magpsf" in changed else {}
    with pytest.raises(Refused) as wrong:
        formats.curves(media, packed(media, pa.Table.from_pylist([first, good | changed])))
    assert path in [error.path for error in wrong.value.errors]


def test_what_unpacks_to_far_more_than_it_is_is_refused_unread() -> None:
    bomb = pa.table({"id": ["a"], "mjd": [np.zeros(3_000_000)]})
    for compression in ("zstd", "lz4"):
        with pytest.raises(Refused, match="compressed inside"):
            arrow.table(ARROW, stream(bomb, compression))
    with pytest.raises(Refused, match="values"):
        arrow.table(ARROW, stream(bomb))
    # One text of a million characters, a hundred thousand times; and a list of a hundred megabytes.
    many = pa.DictionaryArray.from_arrays(np.zeros(100_000, np.int32), ["g" * 1_000_000])
    lists = pa.table({"id": ["a"], "band": pa.ListArray.from_arrays([0, 100_000], many)})
    long = pa.table({"id": ["a"], "mjd": [np.zeros(12_000_000)]})
    for table, said in ((bomb, "values"), (lists, "too much memory"), (long, "unpacks to 97")):
        body = parquet(table, store_schema=False)
        assert len(body) < 100_000
        with pytest.raises(Refused, match=said):
            arrow.table(PARQUET, body)


def test_a_reader_that_dies_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As Arrow does when the statistics in a file's footer are not what it expects.
    dying = tmp_path / "dying.py"
    dying.write_text("import os\nos.abort()\n")
    monkeypatch.setattr(arrow, "_UNPACK", dying)
    with pytest.raises(Refused, match="is not a Parquet file that can be read"):
        arrow.table(PARQUET, b"PAR1")


@pytest.mark.parametrize("media", [ARROW, PARQUET])
@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pa.table({"id": ["a"] * 1_001}), "1,001 rows"),
        (pa.table({"mjd": [[[1.0]]]}), "numbers, texts and lists"),
        (pa.table({"mjd": [{"a": 1}]}), "numbers, texts and lists"),
        (pa.table({"band": pa.array([["g"]], pa.list_(pa.dictionary(pa.int32(), pa.string())))}), "lists of them"),
        (pa.table([pa.array(["a"]), pa.array(["b"])], names=["id", "id"]), "twice"),
        (pa.table({"tess_time": [np.zeros(200_001)]}), "200,001 values"),
        (pa.table({str(number): [1.0] for number in range(1_001)}), "1,001 columns"),
    ],
)
def test_a_table_that_no_light_curve_is_like_is_refused(media: str, table: pa.Table, said: str) -> None:
    with pytest.raises(Refused, match=said):
        arrow.table(media, packed(media, table))


BROKEN = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(changes=BROKEN)
def test_a_stream_that_lies_is_read_or_refused(changes: list[tuple[float, int]]) -> None:
    read_or_refused(ARROW, changes)


@settings(max_examples=8, deadline=None)
@given(changes=BROKEN)
def test_a_file_that_lies_is_read_or_refused(changes: list[tuple[float, int]]) -> None:
    read_or_refused(PARQUET, changes)


def read_or_refused(media: str, changes: list[tuple[float, int]]) -> None:
    body = bytearray(packed(media, pa.Table.from_pylist(CURVES[:1])))
    for place, value in changes:
        body[int(place * len(body))] = value
    with suppress(Refused):
        formats.curves(media, bytes(body))


@settings(max_examples=150, deadline=None)
@given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_refused(body: bytes) -> None:
    for kind in (ARROW, formats.JSON):
        with pytest.raises(Refused):
            formats.curves(kind, body)


def test_a_type_that_is_not_taken_is_refused_with_those_that_are(endpoint: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        reply = endpoint.post("/classify", content=b"[]", headers={"Content-Type": kind})
        assert reply.status_code == 415
        assert "application/vnd.apache.arrow.stream" in reply.headers["accept"]
    told = endpoint.post("/classify", content=json.dumps(CURVES), headers={"Content-Type": "Application/JSON; a=b"})
    assert told.status_code == 200
