"""What the desk is asked that cannot be right: names of objects, and files that are dropped."""

from collections.abc import Callable
from typing import Any

from tests.fuzz.bodies import Body, Maker, Random, cut, dumped, one_of
from tests.fuzz.tables import parquet

_EDGE = "starloop-fuzz"
_FORM = {"Content-Type": f"multipart/form-data; boundary={_EDGE}"}
_NAMES: list[Any] = [
    *("", " ", "ZTF", "TIC", "TIC -1", "ZTF18aaa/../../etc/passwd", "' OR 1=1 --", "<script>alert(1)</script>"),
    *("ZTF18\x00aaaaaaa", "TIC 99999999999999999999", "x" * 10_000, None, 7, ["ZTF18aaaaaaa"], {}, True),
]


def _object(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
    return Body("no object", "/classify/object", dumped({"id": one_of(rng, _NAMES)}))


def _asked(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
    texts = [b"", b"{", b"[]", b"null", b'{"id": "TIC 1", "x": 1}', b'{"name": "TIC 1"}', b"\xff", b"[" * 100_000]
    return Body("no question", "/classify/object", one_of(rng, texts))


def _dropped(wrong: str, broken: Callable[[Random, list[dict[str, Any]]], tuple[str, bytes]]) -> Maker:
    def make(rng: Random, curves: list[dict[str, Any]], score: dict[str, Any]) -> Body:
        name, content = broken(rng, curves)
        head = f'--{_EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        return Body(wrong, "/object", head.encode() + content + f"\r\n--{_EDGE}--\r\n".encode(), _FORM)

    return make


def _csv(rng: Random, curves: list[dict[str, Any]], column: str, value: str) -> tuple[str, bytes]:
    curve = curves[0]
    lines = [[str(one) for one in line] for line in zip(*(curve[name] for name in _COLUMNS), strict=True)]
    lines[int(rng.integers(len(lines)))][_COLUMNS.index(column)] = value
    return "some.csv", "\n".join(",".join(line) for line in [list(_COLUMNS), *lines]).encode()


_COLUMNS = ("mjd", "mag", "err", "band")
_FILES = [
    b"",
    b"\n",
    b"mjd,mag\n",
    b"a,b,c\n1,2,3\n",
    b"\x00" * 99,
    b"PAR1PAR1",
    b'"' * 9999,
    b"mjd,mag,err,band\n",
    b",",
]
DROPS: list[Maker] = [
    _object,
    _asked,
    _dropped("no light curve", lambda rng, curves: ("some.csv", one_of(rng, _FILES))),
    _dropped("a file of noise", lambda rng, curves: (one_of(rng, ("a.csv", "a.parquet", "a.exe")), rng.bytes(2_000))),
    _dropped("a Parquet file cut short", lambda rng, curves: ("some.parquet", cut(rng, parquet(curves)[:-16]))),
    _dropped(
        "a time that is none", lambda rng, curves: _csv(rng, curves, "mjd", one_of(rng, ("x", "", "nan", "1e999")))
    ),
    _dropped("an error that is none", lambda rng, curves: _csv(rng, curves, "err", one_of(rng, ("-1", "0", "x", "")))),
    _dropped("a band that is none", lambda rng, curves: _csv(rng, curves, "band", one_of(rng, ("", "u", "9", "ggg")))),
    lambda rng, curves, score: Body("no form", "/object", rng.bytes(200), _FORM),
    lambda rng, curves, score: Body("no file", "/object", f"--{_EDGE}--\r\n".encode(), _FORM),
]
