"""Tables that cannot be right, and damaged ones that might be."""

import gzip
import io
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from starloop.endpoint.arrow import ARROW, PARQUET
from tests.fuzz.bodies import JSON, LISTS, Body, Maker, Random, cut, dumped, one_of

Rows = list[dict[str, Any]]
Sent = tuple[bytes, dict[str, str]]
_GZIP = {"Content-Type": JSON, "Content-Encoding": "gzip"}


def stream(rows: Rows) -> bytes:
    """Give rows as an Arrow stream."""
    return _ipc(pa.Table.from_pylist(rows))


def parquet(rows: Rows) -> bytes:
    """Give rows as a Parquet file."""
    return _file(pa.Table.from_pylist(rows))


def damaged(seed: int, number: int, curves: Rows) -> Iterator[Body]:
    """Give tables with bits turned over: some can still be read, none may bring a worker down."""
    rng = np.random.default_rng(seed)
    wholes = [(ARROW, stream(curves)), (PARQUET, parquet(curves))]
    for turn in range(number):
        media, whole = wholes[turn % 2]
        content = bytearray(whole)
        for place in rng.integers(0, len(content), rng.integers(1, 9)):
            content[place] ^= 1 << rng.integers(0, 8)
        yield Body("bits turned over", "/classify", bytes(content), {"Content-Type": media})


def _ipc(table: pa.Table, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as written:
        written.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _file(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def _table(wrong: str, broken: Callable[[Random, Rows], Sent]) -> Maker:
    def make(rng: Random, curves: Rows, score: dict[str, Any]) -> Body:
        return Body(wrong, "/classify", *broken(rng, curves))

    return make


def _either(rng: Random, rows: Rows) -> Sent:
    media, packed = [(ARROW, stream), (PARQUET, parquet)][int(rng.integers(2))]
    return packed(rows), {"Content-Type": media}


def _without(rng: Random, curves: Rows) -> Sent:
    lost = one_of(rng, ("id", *LISTS))
    return _either(rng, [{name: value for name, value in curve.items() if name != lost} for curve in curves])


def _changed(rng: Random, curves: Rows, **changes: Any) -> Sent:
    return _either(rng, [*curves[:-1], curves[-1] | changes])


def _packed(rng: Random, media: str, contents: Callable[[], tuple[bytes, bytes]]) -> Sent:
    return contents()[media == PARQUET], {"Content-Type": media}


@cache
def _long() -> tuple[bytes, bytes]:
    """Give a light curve of ten million points in some kilobytes."""
    points = 10_000_000
    offsets = pa.array([0, points], pa.int32())
    numbers = pa.ListArray.from_arrays(offsets, pa.array(np.zeros(points)))
    table = pa.table({"id": ["long"], **dict.fromkeys(("mjd", "mag", "err"), numbers), "band": [["g"]]})
    return _ipc(table, "zstd"), _file(table)


@cache
def _many() -> tuple[bytes, bytes]:
    """Give a million light curves without a point in some kilobytes."""
    number = 1_000_000
    nothing = pa.array([[]] * number, pa.list_(pa.float64()))
    table = pa.table({"id": ["many"] * number, **dict.fromkeys(LISTS, nothing)})
    return _ipc(table, "zstd"), _file(table)


@cache
def _wide() -> tuple[bytes, bytes]:
    """Give a row of ten thousand columns."""
    table = pa.table({f"x{number}": [1.0] for number in range(10_000)})
    return _ipc(table), _file(table)


@cache
def _deep() -> tuple[bytes, bytes]:
    """Give lists in lists in lists."""
    value, kind = 1.0, pa.float64()
    for _ in range(50):
        value, kind = [value], pa.list_(kind)
    table = pa.table({"id": ["deep"], "mjd": pa.array([value], kind)})
    return _ipc(table), _file(table)


@cache
def _bomb() -> bytes:
    return gzip.compress(bytes(64 * 2**20), 1)


def _bombs(wrong: str, contents: Callable[[], tuple[bytes, bytes]]) -> Maker:
    return _table(wrong, lambda rng, curves: _packed(rng, one_of(rng, (ARROW, PARQUET)), contents))


TABLES: list[Maker] = [
    _table("a table cut short", lambda rng, curves: (cut(rng, (told := _either(rng, curves))[0][:-16]), told[1])),
    _table("a table of noise", lambda rng, curves: (rng.bytes(int(rng.integers(1, 9999))), _either(rng, curves)[1])),
    _table("a table without a column", _without),
    _table("a table of lists that differ in length", lambda rng, curves: _changed(rng, curves, mjd=[59_000.0])),
    _table("a table with no errors", lambda rng, curves: _changed(rng, curves, err=[-1.0] * len(curves[-1]["err"]))),
    _table("a table of unknown bands", lambda rng, curves: _changed(rng, curves, band=["z"] * len(curves[-1]["band"]))),
    _table(
        "a table with no rows", lambda rng, curves: (_ipc(pa.Table.from_pylist(curves)[:0]), {"Content-Type": ARROW})
    ),
    _table("a table sent as another", lambda rng, curves: (stream(curves), {"Content-Type": PARQUET})),
    _table("a table sent as JSON", lambda rng, curves: (parquet(curves), {"Content-Type": JSON})),
    _table("another kind of content", lambda rng, curves: (dumped(curves), {"Content-Type": "text/csv"})),
    _table("packed and cut short", lambda rng, curves: (cut(rng, gzip.compress(dumped(curves))), _GZIP)),
    _table("not packed, and said to be", lambda rng, curves: (dumped(curves), _GZIP)),
    _table("packed in another way", lambda rng, curves: (dumped(curves), _GZIP | {"Content-Encoding": "br"})),
    _table("a bomb", lambda rng, curves: (_bomb(), _GZIP)),
    _bombs("a table of too many points", _long),
    _bombs("a table of too many rows", _many),
    _bombs("a table of too many columns", _wide),
    _bombs("a table of lists in lists", _deep),
]
