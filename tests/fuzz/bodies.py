"""Bodies that cannot be right, each by one thing that is wrong with it; and damaged ones that might be."""

import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

Random = np.random.Generator
JSON, ARROW, PARQUET = "application/json", "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"


@dataclass(frozen=True)
class Body:
    """What is sent.

    Parameters
    ----------
    wrong : str
        What is wrong with it.
    path : str
        Where it is sent.
    content : bytes
        What is sent.
    headers : dict
        Content-Type, and what else is wrong.
    """

    wrong: str
    path: str
    content: bytes
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": JSON})


def hopeless(seed: int, number: int, curves: list[dict[str, Any]], score: dict[str, Any]) -> Iterator[Body]:
    """Give bodies, each of which must be refused.

    Parameters
    ----------
    seed : int
        The same seed gives the same bodies.
    number : int
        How many.
    curves, score : list of dict, dict
        Good bodies of ``POST /classify`` and ``POST /score``, to be broken.
    """
    rng = np.random.default_rng(seed)
    makers = [*_TEXTS, *_CURVES, *_SCORES, *_TABLES]
    for turn in range(number):
        yield makers[turn % len(makers)](rng, curves, score)


def damaged(seed: int, number: int, curves: list[dict[str, Any]]) -> Iterator[Body]:
    """Give tables with bits turned over: some can still be read, none may bring a worker down."""
    rng = np.random.default_rng(seed)
    wholes = [(ARROW, stream(curves)), (PARQUET, _parquet(curves))]
    for turn in range(number):
        media, whole = wholes[turn % 2]
        content = bytearray(whole)
        for place in rng.integers(0, len(content), rng.integers(1, 9)):
            content[place] ^= 1 << rng.integers(0, 8)
        yield Body("bits turned over", "/classify", bytes(content), {"Content-Type": media})


def stream(rows: list[dict[str, Any]]) -> bytes:
    """Give rows as an Arrow stream."""
    return _ipc(pa.Table.from_pylist(rows))


def _ipc(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def _parquet(rows: list[dict[str, Any]]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


Maker = Callable[[Random, list[dict[str, Any]], dict[str, Any]], Body]


def _cut(rng: Random, content: bytes) -> bytes:
    return content[: int(rng.integers(0, len(content) - 1))]


def _text(wrong: str, broken: Callable[[Random, bytes], bytes]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        path, whole = [("/classify", _dumped(curves[:1])), ("/score", _dumped(score))][int(rng.integers(2))]
        return Body(wrong, path, broken(rng, whole))

    return make


_SCALARS = [b"null", b"true", b"0", b"-1e400", b'"text"', b"{}", b"[[]]", b"[null]", b"[1]", b'["a"]', b"NaN"]
_TEXTS: list[Maker] = [
    _text("cut short", _cut),
    _text("nothing", lambda rng, whole: b""),
    _text("noise", lambda rng, whole: b"\x01" + rng.bytes(int(rng.integers(1, 4096)))),
    _text("not UTF-8", lambda rng, whole: whole[:20] + b"\xff\xfe" + whole[20:]),
    _text("another kind of JSON", lambda rng, whole: _SCALARS[int(rng.integers(len(_SCALARS)))]),
    _text("too deep", lambda rng, whole: b"[" * int(rng.integers(2_000, 200_000))),
    _text("deep and whole", lambda rng, whole: b"[" * (deep := int(rng.integers(200, 50_000))) + b"]" * deep),
    _text("something after it", lambda rng, whole: whole + b"}"),
    _text("a number of many digits", lambda rng, whole: b"[" + b"9" * int(rng.integers(5_000, 50_000)) + b"]"),
    _text("half a surrogate", lambda rng, whole: b'[{"id": "\\ud800", "mjd": [], "band": []}]x'),
]


def _curve(wrong: str, broken: Callable[[Random, dict[str, Any]], None]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        some = json.loads(_dumped(curves[: 1 + int(rng.integers(len(curves)))]))
        broken(rng, some[int(rng.integers(len(some)))])
        return Body(wrong, "/classify", _dumped(some))

    return make


_LISTS = ("mjd", "mag", "err", "band")
_NO_NUMBERS: list[Any] = ["1.0", None, [], {}, True, float("nan"), float("inf"), -float("inf"), 10**400, ""]


def _one_of(rng: Random, values: Any) -> Any:
    return values[int(rng.integers(len(values)))]


def _item(rng: Random, curve: dict[str, Any], names: Any, values: Any) -> None:
    told = curve[_one_of(rng, names)]
    told[int(rng.integers(len(told)))] = _one_of(rng, values)


_CURVES: list[Maker] = [
    _curve("no number", lambda rng, curve: _item(rng, curve, ("mjd", "mag", "err"), _NO_NUMBERS)),
    _curve("no error", lambda rng, curve: _item(rng, curve, ("err",), [0, -0.01, -1e300])),
    _curve("no band", lambda rng, curve: _item(rng, curve, ("band",), ["z", "G", "", None, 1, ["g"], "g\x00"])),
    _curve("a value too few", lambda rng, curve: curve[_one_of(rng, _LISTS)].pop() and None),
    _curve("a value too many", lambda rng, curve: curve[(name := _one_of(rng, _LISTS))].append(curve[name][0])),
    _curve("a list is missing", lambda rng, curve: curve.pop(_one_of(rng, _LISTS)) and None),
    _curve("no list", lambda rng, curve: curve.update({_one_of(rng, _LISTS): _one_of(rng, [1, "g", {}, True])})),
    _curve("an unknown field", lambda rng, curve: curve.update({f"x{rng.integers(1_000_000)}": 1})),
    _curve("no id", lambda rng, curve: curve.update({"id": _one_of(rng, [None, "", 7, ["a"], "x" * 201])})),
    _curve("fluxes and magnitudes", lambda rng, curve: curve.update(flux=[1.0], flux_err=[1.0])),
    _curve("limits without bands", lambda rng, curve: curve.update(limit_mjd=[59_000.0], limit_mag=[20.0])),
    _curve("no latitude", lambda rng, curve: curve.update(galactic_latitude=_one_of(rng, [91, -1e9, "0", []]))),
    _curve("too many points", lambda rng, curve: curve.update({name: curve[name][:1] * 10_001 for name in _LISTS})),
]


def _features(wrong: str, broken: Callable[[Random, dict[str, Any]], None]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        asked = json.loads(_dumped(score))
        broken(rng, asked)
        return Body(wrong, "/score", _dumped(asked))

    return make


def _feature(rng: Random, asked: dict[str, Any], value: Any) -> None:
    row = asked["rows"][0]
    row[_one_of(rng, list(row))] = value


_SCORES: list[Maker] = [
    _features("another schema", lambda rng, asked: asked.update(feature_schema=rng.bytes(16).hex())),
    _features("no schema", lambda rng, asked: asked.update(feature_schema=_one_of(rng, [None, 1, [], ""]))),
    _features("no rows", lambda rng, asked: asked.update(rows=_one_of(rng, [[], None, {}, 1, [[]], [None], "rows"]))),
    _features(
        "no feature", lambda rng, asked: _feature(rng, asked, _one_of(rng, ["1", [], {}, True, 10**400, 1e300, -1e300]))
    ),
    _features("an unknown feature", lambda rng, asked: asked["rows"][0].update({f"x{rng.integers(1_000_000)}": 1.0})),
    _features("an unknown field", lambda rng, asked: asked.update({f"x{rng.integers(1_000_000)}": 1.0})),
    _features("too many rows", lambda rng, asked: asked.update(rows=[{}] * 1_001)),
]


def _table(wrong: str, broken: Callable[[Random, list[dict[str, Any]]], tuple[bytes, dict[str, str]]]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        content, headers = broken(rng, curves)
        return Body(wrong, "/classify", content, headers)

    return make


def _either(rng: Random, rows: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
    media, packed = [(ARROW, stream), (PARQUET, _parquet)][int(rng.integers(2))]
    return packed(rows), {"Content-Type": media}


def _without(rng: Random, curves: list[dict[str, Any]]) -> tuple[bytes, dict[str, str]]:
    lost = _one_of(rng, ("id", *_LISTS))
    return _either(rng, [{name: value for name, value in curve.items() if name != lost} for curve in curves])


def _changed(rng: Random, curves: list[dict[str, Any]], **changes: Any) -> tuple[bytes, dict[str, str]]:
    return _either(rng, [*curves[:-1], curves[-1] | changes])


_GZIP = {"Content-Type": JSON, "Content-Encoding": "gzip"}
_TABLES: list[Maker] = [
    _table("a table cut short", lambda rng, curves: (_cut(rng, (told := _either(rng, curves))[0][:-16]), told[1])),
    _table("a table of noise", lambda rng, curves: (rng.bytes(int(rng.integers(1, 9999))), _either(rng, curves)[1])),
    _table("a table without a column", _without),
    _table("a table of lists that differ in length", lambda rng, curves: _changed(rng, curves, mjd=[59_000.0])),
    _table("a table with no errors", lambda rng, curves: _changed(rng, curves, err=[-1.0] * len(curves[-1]["err"]))),
    _table("a table of unknown bands", lambda rng, curves: _changed(rng, curves, band=["z"] * len(curves[-1]["band"]))),
    _table(
        "a table with no rows", lambda rng, curves: (_ipc(pa.Table.from_pylist(curves)[:0]), {"Content-Type": ARROW})
    ),
    _table("a table sent as another", lambda rng, curves: (stream(curves), {"Content-Type": PARQUET})),
    _table("a table sent as JSON", lambda rng, curves: (_parquet(curves), {"Content-Type": JSON})),
    _table("another kind of content", lambda rng, curves: (_dumped(curves), {"Content-Type": "text/csv"})),
    _table("packed and cut short", lambda rng, curves: (_cut(rng, gzip.compress(_dumped(curves))), _GZIP)),
    _table("not packed, and said to be", lambda rng, curves: (_dumped(curves), _GZIP)),
    _table("packed in another way", lambda rng, curves: (_dumped(curves), _GZIP | {"Content-Encoding": "br"})),
    _table("a bomb", lambda rng, curves: (gzip.compress(bytes(64 * 2**20), 1), _GZIP)),
]
