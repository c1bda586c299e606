"""Ready features: the answers a light curve's features would have had, and what is refused."""

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from starloop.endpoint import scoring, smoke
from starloop.features import schema

JSON = {"Content-Type": "application/json"}
ARROW = {"Content-Type": "application/vnd.apache.arrow.stream"}


@pytest.fixture(scope="module")
def known(endpoint: TestClient, log: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Features of light curves, and the answers they were given."""
    curves = [curve | {"id": f"known {number}"} for number, curve in enumerate(smoke.known())]
    told = endpoint.post("/classify", json=curves).json()
    logged = [json.loads(line) for line in (log / "predictions-v7-1.jsonl").read_text().splitlines()[-3:]]
    return [({"id": one["id"], **line["features"]}, one) for one, line in zip(told, logged, strict=True)]


def asked(*rows: Any, **more: Any) -> dict[str, Any]:
    return {"feature_schema": schema.digest(), "rows": list(rows), **more}


def stream(rows: list[dict[str, Any]], metadata: dict[str, str]) -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.Table.from_pylist(rows).replace_schema_metadata(metadata)
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def same(told: dict[str, Any], expected: dict[str, Any], *, anomaly: bool) -> bool:
    names = {"id", "decision", "too_few_points", "probabilities"} | ({"anomaly"} if anomaly else set())
    return all(told[name] == expected[name] for name in names) and (anomaly or told["anomaly"] is None)


def test_features_are_answered_as_their_light_curves_were(endpoint: TestClient, known: Any) -> None:
    told = endpoint.post("/score", json=asked(*(row for row, _ in known))).json()
    assert [same(one, expected, anomaly=False) for one, (_, expected) in zip(told, known, strict=True)] == [True] * 3


def test_how_odd_they_are_is_said_when_it_is_asked(endpoint: TestClient, known: Any) -> None:
    told = endpoint.post("/score", json=asked(*(row for row, _ in known), anomaly=True)).json()
    assert [same(one, expected, anomaly=True) for one, (_, expected) in zip(told, known, strict=True)] == [True] * 3


def test_a_table_of_features_is_answered_as_json_is(endpoint: TestClient, known: Any) -> None:
    body = stream([row for row, _ in known], {"feature_schema": schema.digest(), "anomaly": "true"})
    told = endpoint.post("/score", content=body, headers=ARROW).json()
    assert [same(one, expected, anomaly=True) for one, (_, expected) in zip(told, known, strict=True)] == [True] * 3


def test_what_is_left_out_is_missing_and_a_row_without_a_name_has_its_place(endpoint: TestClient) -> None:
    told = endpoint.post("/score", json=asked({}, {"g_observation_count": 3, "g_mean": None})).json()
    assert [one["id"] for one in told] == ["0", "1"]
    assert [one["too_few_points"] for one in told] == [True, False]
    assert told[0]["decision"] == "uncertain"
    table = endpoint.post("/score", content=stream([{"g_mean": 1}], {"feature_schema": schema.digest()}), headers=ARROW)
    assert (table.json()[0]["id"], table.json()[0]["too_few_points"]) == ("0", True)


def test_features_of_another_code_are_refused(endpoint: TestClient) -> None:
    for reply in (
        endpoint.post("/score", json=asked({}) | {"feature_schema": "0" * 64}),
        endpoint.post("/score", content=stream([{"g_mean": 1.0}], {"feature_schema": "0" * 64}), headers=ARROW),
    ):
        assert reply.status_code == 409
        assert reply.json()["errors"][0]["path"] == "feature_schema"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("", "body"),
        ("[]", "body"),
        ('{"rows": [{}]}', "feature_schema"),
        (asked(), "rows"),
        (asked(*[{}] * 1_001), "rows"),
        (asked({}) | {"rows": {}}, "rows"),
        (asked({}, 3), "rows[1]"),
        (asked({}, {"g_meen": 1.0}), "rows[1].g_meen"),
        (asked({"g_mean": "1.0"}), "rows[0].g_mean"),
        (asked({"g_mean": True}), "rows[0].g_mean"),
        (asked({"g_mean": [1.0]}), "rows[0].g_mean"),
        (asked({"g_mean": 1e39}), "rows[0].g_mean"),
        (asked({"g_mean": 10**400}), "body"),
        (f'{{"feature_schema": "{schema.digest()}", "rows": [{{"g_mean": NaN}}]}}', "body"),
        (asked({"id": ""}), "rows[0].id"),
        (asked({"id": 3}), "rows[0].id"),
        (asked({}, anomaly="yes"), "anomaly"),
        (asked({}, more=1), "more"),
    ],
)
def test_what_cannot_be_scored_is_named(endpoint: TestClient, body: Any, path: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    reply = endpoint.post("/score", content=text, headers=JSON)
    assert reply.status_code == 400, reply.text
    assert [error["path"] for error in reply.json()["errors"]] == [path]


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([{"g_meen": 1.0}], "g_meen"),
        ([{"g_mean": "1.0"}], "g_mean"),
        ([{"g_mean": float("inf")}], "rows[0].g_mean"),
        ([{"id": "a", "g_mean": 1.0}, {"id": None, "g_mean": 1.0}], "rows[1].id"),
    ],
)
def test_what_cannot_be_scored_of_a_table_is_named(endpoint: TestClient, rows: Any, path: str) -> None:
    reply = endpoint.post("/score", content=stream(rows, {"feature_schema": schema.digest()}), headers=ARROW)
    assert reply.status_code == 400, reply.text
    assert [error["path"] for error in reply.json()["errors"]] == [path]


def test_requests_that_come_together_are_scored_together_and_each_gets_its_own_rows() -> None:
    import asyncio

    batches: list[int] = []

    def work(rows: scoring.Rows) -> list[Any]:
        batches.append(len(rows.ids))
        return list(rows.ids)

    async def asked_by_many() -> list[Any]:
        scores = scoring.Scores(work)
        values = np.zeros((2, len(schema.NAMES)), np.float32)
        given_up = scores.answer(scoring.Rows(["gone", "gone"], values, False))
        given_up.cancel()
        others = [scores.answer(scoring.Rows([f"{one}a", f"{one}b"], values, False)) for one in range(3)]
        return [await other for other in others]

    assert asyncio.run(asked_by_many()) == [["0a", "0b"], ["1a", "1b"], ["2a", "2b"]]
    assert batches == [8]


def test_a_failure_is_told_to_all_who_came_together_and_to_nobody_later() -> None:
    import asyncio

    def work(rows: scoring.Rows) -> list[Any]:
        if "bad" in rows.ids:
            raise RuntimeError("bad")
        return list(rows.ids)

    async def asked_by_two() -> list[Any]:
        scores, values = scoring.Scores(work), np.zeros((1, len(schema.NAMES)), np.float32)
        both = [scores.answer(scoring.Rows([name], values, False)) for name in ("good", "bad")]
        first = await asyncio.gather(*both, return_exceptions=True)
        return [*first, await scores.answer(scoring.Rows(["good"], values, False))]

    told = asyncio.run(asked_by_two())
    assert [type(one) for one in told] == [RuntimeError, RuntimeError, list]


def test_many_threads_asking_at_once_get_their_own_answers(endpoint: TestClient, known: Any) -> None:
    wrong: list[str] = []

    def ask(row: dict[str, Any], expected: dict[str, Any]) -> None:
        for _ in range(5):
            (told,) = endpoint.post("/score", json=asked(row)).json()
            if not same(told, expected, anomaly=False):
                wrong.append(told["id"])

    threads = [threading.Thread(target=ask, args=one) for one in known]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
