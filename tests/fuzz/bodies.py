"""JSON that cannot be right, each by one thing that is wrong with it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Random = np.random.Generator
JSON = "application/json"


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


def dumped(value: object) -> bytes:
    """Give JSON; what is not finite stays what it is."""
    return json.dumps(value).encode()


Maker = Callable[[Random, list[dict[str, Any]], dict[str, Any]], Body]


def cut(rng: Random, content: bytes) -> bytes:
    """Cut it short, somewhere."""
    return content[: int(rng.integers(0, len(content) - 1))]


def _text(wrong: str, broken: Callable[[Random, bytes], bytes]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        path, whole = [("/classify", dumped(curves[:1])), ("/score", dumped(score))][int(rng.integers(2))]
        return Body(wrong, path, broken(rng, whole))

    return make


_SCALARS = [b"null", b"true", b"0", b"-1e400", b'"text"', b"{}", b"[[]]", b"[null]", b"[1]", b'["a"]', b"NaN"]
TEXTS: list[Maker] = [
    _text("cut short", cut),
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
        some = json.loads(dumped(curves[: 1 + int(rng.integers(len(curves)))]))
        broken(rng, some[int(rng.integers(len(some)))])
        return Body(wrong, "/classify", dumped(some))

    return make


LISTS = ("mjd", "mag", "err", "band")
_NO_NUMBERS: list[Any] = ["1.0", None, [], {}, True, float("nan"), float("inf"), -float("inf"), 10**400, ""]


def one_of(rng: Random, values: Any) -> Any:
    """Give one of them."""
    return values[int(rng.integers(len(values)))]


def _item(rng: Random, curve: dict[str, Any], names: Any, values: Any) -> None:
    told = curve[one_of(rng, names)]
    told[int(rng.integers(len(told)))] = one_of(rng, values)


CURVES: list[Maker] = [
    _curve("no number", lambda rng, curve: _item(rng, curve, ("mjd", "mag", "err"), _NO_NUMBERS)),
    _curve("no error", lambda rng, curve: _item(rng, curve, ("err",), [0, -0.01, -1e300])),
    _curve("no band", lambda rng, curve: _item(rng, curve, ("band",), ["z", "G", "", None, 1, ["g"], "g\x00"])),
    _curve("a value too few", lambda rng, curve: curve[one_of(rng, LISTS)].pop() and None),
    _curve("a value too many", lambda rng, curve: curve[(name := one_of(rng, LISTS))].append(curve[name][0])),
    _curve("a list is missing", lambda rng, curve: curve.pop(one_of(rng, LISTS)) and None),
    _curve("no list", lambda rng, curve: curve.update({one_of(rng, LISTS): one_of(rng, [1, "g", {}, True])})),
    _curve("an unknown field", lambda rng, curve: curve.update({f"x{rng.integers(1_000_000)}": 1})),
    _curve("no id", lambda rng, curve: curve.update({"id": one_of(rng, [None, "", 7, ["a"], "x" * 201])})),
    _curve("fluxes and magnitudes", lambda rng, curve: curve.update(flux=[1.0], flux_err=[1.0])),
    _curve("limits without bands", lambda rng, curve: curve.update(limit_mjd=[59_000.0], limit_mag=[20.0])),
    _curve("no latitude", lambda rng, curve: curve.update(galactic_latitude=one_of(rng, [91, -1e9, "0", []]))),
    _curve("too many points", lambda rng, curve: curve.update({name: curve[name][:1] * 10_001 for name in LISTS})),
]


def _features(wrong: str, broken: Callable[[Random, dict[str, Any]], None]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        asked = json.loads(dumped(score))
        broken(rng, asked)
        return Body(wrong, "/score", dumped(asked))

    return make


def _feature(rng: Random, asked: dict[str, Any], value: Any) -> None:
    row = asked["rows"][0]
    row[one_of(rng, list(row))] = value


SCORES: list[Maker] = [
    _features("another schema", lambda rng, asked: asked.update(feature_schema=rng.bytes(16).hex())),
    _features("no schema", lambda rng, asked: asked.update(feature_schema=one_of(rng, [None, 1, [], ""]))),
    _features("no rows", lambda rng, asked: asked.update(rows=one_of(rng, [[], None, {}, 1, [[]], [None], "rows"]))),
    _features(
        "no feature", lambda rng, asked: _feature(rng, asked, one_of(rng, ["1", [], {}, True, 10**400, 1e300, -1e300]))
    ),
    _features("an unknown feature", lambda rng, asked: asked["rows"][0].update({f"x{rng.integers(1_000_000)}": 1.0})),
    _features("an unknown field", lambda rng, asked: asked.update({f"x{rng.integers(1_000_000)}": 1.0})),
    _features("too many rows", lambda rng, asked: asked.update(rows=[{}] * 1_001)),
]
