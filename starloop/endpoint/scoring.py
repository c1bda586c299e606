"""Ready features: reading them, and scoring together those that came together."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from starloop.endpoint import arrow
from starloop.endpoint.answering import Reals32
from starloop.endpoint.formats import JSON
from starloop.endpoint.problems import MOST_ERRORS, FieldError, Refused
from starloop.endpoint.schemas import MOST_CURVES, MOST_ID, Answer
from starloop.features import schema
from starloop.model.bundle import matrix

_NAMES = list(schema.NAMES)
_KNOWN = frozenset(_NAMES)
_ASKED = frozenset({"feature_schema", "rows", "anomaly"})
_NUMBERS = frozenset({float, int, type(None)})
_NUMBER_TYPES = (pa.types.is_floating, pa.types.is_integer, pa.types.is_null)


@dataclass(frozen=True)
class Rows:
    """Objects by their features.

    Parameters
    ----------
    ids : sequence of str
        What the asker calls them.
    values : ndarray of float32, shape (objects, features)
        In the order of `starloop.features.schema.NAMES`; NaN is missing.
    with_anomaly : bool
        Whether it shall be said how odd they are.
    """

    ids: Sequence[str]
    values: Reals32
    with_anomaly: bool


def rows(media: str, body: bytes) -> Rows:
    """Read features that were computed elsewhere.

    Raises
    ------
    Refused
        400 with the path of every field that is wrong; 409 when they are other features than the model's.
    """
    return _of_json(body) if media == JSON else _of_table(arrow.table(media, body))


def _of_json(body: bytes) -> Rows:
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as wrong:
        raise Refused.field("body", f"is not JSON: {wrong}") from None
    if not isinstance(asked, dict):
        raise Refused.field("body", "is not an object with feature_schema and rows")
    if unknown := asked.keys() - _ASKED:
        raise Refused.fields([FieldError(path=name, problem="is not known") for name in sorted(unknown)])
    _same(asked.get("feature_schema"))
    told, anomaly = asked.get("rows"), asked.get("anomaly", False)
    if not isinstance(anomaly, bool):
        raise Refused.field("anomaly", "is neither true nor false")
    if not isinstance(told, list) or not 0 < len(told) <= MOST_CURVES:
        raise Refused.field("rows", f"is not a list of 1 to {MOST_CURVES:,} objects")
    names, values, errors = [], [], []
    for number, row in enumerate(told):
        if not isinstance(row, dict):
            errors.append(FieldError(path=f"rows[{number}]", problem="is not an object of features"))
            continue
        names.append(row.pop("id", str(number)))
        line = list(map(row.get, _NAMES))
        if not (_is_id(names[-1]) and row.keys() <= _KNOWN and _NUMBERS.issuperset(map(type, line))):
            errors += _wrong(number, names[-1], row)
        values.append(line)
        if len(errors) >= MOST_ERRORS:
            break
    if errors:
        raise Refused.fields(errors)
    with np.errstate(over="ignore"):
        return _finite(Rows(names, np.array(values, dtype=np.float32), anomaly))


def _wrong(number: int, name: Any, row: dict[str, Any]) -> list[FieldError]:
    found = [] if _is_id(name) else [FieldError(path=f"rows[{number}].id", problem=_NO_ID)]
    for key, value in row.items():
        if key not in _KNOWN:
            found.append(FieldError(path=f"rows[{number}].{key[:100]}", problem="is no feature of the model"))
        elif type(value) not in _NUMBERS:
            found.append(FieldError(path=f"rows[{number}].{key}", problem="is neither a number nor null"))
    return found


def _of_table(told: pa.Table) -> Rows:
    metadata = {key.decode("utf-8", "replace"): value for key, value in (told.schema.metadata or {}).items()}
    _same(metadata.get("feature_schema", b"").decode("utf-8", "replace") or None)
    if not told.num_rows:
        raise Refused.field("body", "has no row")
    names = list(map(str, range(len(told))))
    if "id" in told.column_names:
        names = told["id"].to_pylist()
        if wrong := next((number for number, name in enumerate(names) if not _is_id(name)), None):
            raise Refused.field(f"rows[{wrong}].id", _NO_ID)
        told = told.drop_columns("id")
    unknown = [
        FieldError(path=field.name[:100], problem="is no feature of the model, or not of numbers")
        for field in told.schema
        if field.name not in _KNOWN or not any(is_type(field.type) for is_type in _NUMBER_TYPES)
    ]
    if unknown:
        raise Refused.fields(unknown)
    missing = pa.nulls(len(told), pa.float32())
    for name in _KNOWN - set(told.column_names):
        told = told.append_column(name, missing)
    return _finite(Rows(names, matrix(told, _NAMES), metadata.get("anomaly") == b"true"))


_NO_ID = f"is not a text of 1 to {MOST_ID} characters"


def _is_id(name: object) -> bool:
    return type(name) is str and 0 < len(name) <= MOST_ID


def _same(told: object) -> None:
    if not isinstance(told, str):
        raise Refused.field("feature_schema", "is not given; GET /v1/model tells the model's")
    if told != schema.digest():
        problem = f"is not {schema.digest()}, the model's"
        raise Refused(
            409,
            "the features are not those of the model that answers: compute them with the code it was trained with",
            [FieldError(path="feature_schema", problem=problem)],
        )


def _finite(asked: Rows) -> Rows:
    beyond = np.isinf(asked.values)
    if beyond.any():
        places = np.argwhere(beyond)[:MOST_ERRORS].tolist()
        paths = [f"rows[{row}].{_NAMES[column]}" for row, column in places]
        raise Refused.fields([FieldError(path=path, problem="is beyond what a feature can be") for path in paths])
    return asked


class Scores:
    """Scores what came in one turn of the event loop with one call of the booster.

    A call costs as much for one row as for twenty. Nobody waits for others: what is alone is scored alone.

    Parameters
    ----------
    work : callable
        Gives one answer a row.
    """

    def __init__(self, work: Callable[[Rows], list[Answer]]) -> None:
        self._work = work
        self._came: list[tuple[Rows, asyncio.Future[list[Answer]]]] = []

    def answer(self, asked: Rows) -> "asyncio.Future[list[Answer]]":
        """Answer rows, in their order, at the end of this turn."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[list[Answer]] = loop.create_future()
        if not self._came:
            loop.call_soon(self._all)
        self._came.append((asked, mine))
        return mine

    def _all(self) -> None:
        came, self._came = self._came, []
        ids = [name for asked, _ in came for name in asked.ids]
        values = np.concatenate([asked.values for asked, _ in came]) if len(came) > 1 else came[0][0].values
        try:
            told = self._work(Rows(ids, values, with_anomaly=False))
        except Exception as wrong:  # noqa: BLE001 - raised again where it was asked
            for _, future in came:
                if not future.done():
                    future.set_exception(wrong)
            return
        begin = 0
        for asked, future in came:
            # Who gave up has cancelled it.
            if not future.done():
                future.set_result(told[begin : begin + len(asked.ids)])
            begin += len(asked.ids)
