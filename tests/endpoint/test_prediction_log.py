"""The log of what was asked and answered: whole lines, a bounded number of bytes, and what is lost is counted."""

import json
import time
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from starloop.endpoint import behind, prediction_log, smoke
from starloop.endpoint.behind import Behind
from starloop.endpoint.prediction_log import PredictionLog
from starloop.endpoint.schemas import Answer
from starloop.features import schema

VALUES = np.full((1, len(schema.NAMES)), np.nan, np.float32)


def answer(name: str = "a") -> Answer:
    return Answer(
        id=name,
        probabilities={"RRL": 1.0},
        decision="RRL",
        anomaly=0.5,
        too_few_points=False,
        model_version=1,
        dataset_md5="m",
        prediction_id="p",
    )


def lost(how: str) -> float:
    value: float = prediction_log._counter().labels(how)._value.get()
    return value


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_answers_and_features_are_logged_and_nothing_of_who_asked(endpoint: TestClient, log: Path) -> None:
    (told,) = endpoint.post(
        "/classify", json=[smoke.known()[0] | {"id": "one"}], headers={"Authorization": "Bearer sesame"}
    ).json()
    until = time.monotonic() + 20
    while (logged := lines(log / "predictions-v7-1.jsonl")[-1])["id"] != "one" and time.monotonic() < until:
        time.sleep(0.02)
    assert {name: logged[name] for name in told} == told
    assert set(logged) - set(told) == {"features", "feature_schema", "answered_at"}
    assert logged["feature_schema"] == schema.digest()
    assert list(logged["features"]) == list(schema.NAMES)
    assert "sesame" not in (log / "predictions-v7-1.jsonl").read_text()


def test_the_smoke_test_leaves_no_trace(tmp_path: Path) -> None:
    log = PredictionLog(tmp_path, 1, 1)
    log.write([answer(prediction_log.SMOKE + "constant")], VALUES)
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [0]


def test_the_log_is_bounded_and_what_it_drops_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = PredictionLog(tmp_path, 1, 1)
    log.write([answer()], VALUES)
    monkeypatch.setattr(prediction_log, "MOST_BYTES", 5 * (tmp_path / "predictions-v1-1.jsonl").stat().st_size)
    before = lost("dropped")
    for _ in range(49):
        log.write([answer()], VALUES)
    kept = sorted(tmp_path.iterdir())
    assert [path.name for path in kept] == ["predictions-v1-1.jsonl", "predictions-v1-1.jsonl.1"]
    assert all(path.stat().st_size <= prediction_log.MOST_BYTES for path in kept)
    assert lost("dropped") - before == 50 - sum(len(lines(path)) for path in kept)


def test_a_process_that_starts_again_goes_on_in_its_file(tmp_path: Path) -> None:
    for _ in range(2):
        PredictionLog(tmp_path, 1, 2).write([answer()], VALUES)
    assert len(lines(tmp_path / "predictions-v1-2.jsonl")) == 2


def test_answers_are_written_behind_the_askers_back_in_their_order_and_none_is_left_at_the_end(tmp_path: Path) -> None:
    log = Behind(PredictionLog(tmp_path, 1, 1))
    for number in range(300):
        log.write([answer(str(number))], VALUES)
    log.close()
    assert [line["id"] for line in lines(tmp_path / "predictions-v1-1.jsonl")] == [str(number) for number in range(300)]


def test_what_finds_no_room_while_the_disk_stands_still_is_counted_and_nobody_waits(tmp_path: Path) -> None:
    written, still = PredictionLog(tmp_path, 1, 1), Event()
    write = written.write
    written.write = lambda *told: (still.wait(60), write(*told))[1]  # type: ignore[method-assign]
    log, before = Behind(written), lost("not written")
    for number in range(behind.MOST_WAITING + 5):
        log.write([answer(str(number))], VALUES)
    assert lost("not written") - before == 5
    still.set()
    log.close()
    assert len(lines(tmp_path / "predictions-v1-1.jsonl")) == behind.MOST_WAITING


class Full:
    """A file on a disk that has room for ten bytes more."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, text: bytes) -> int:
        return int(self.file.write(text[:10]))

    def truncate(self, size: int) -> None:
        self.file.truncate(size)


def test_a_full_disk_costs_no_answer_and_is_counted_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log = PredictionLog(tmp_path, 1, 1)
    log.write([answer("first")], VALUES)
    before, file = lost("not written"), log._file
    log._file = Full(file)  # type: ignore[assignment]
    log.write([answer(), answer()], np.repeat(VALUES, 2, axis=0))
    log.write([answer()], VALUES)
    log._file = file
    log.write([answer("last")], VALUES)
    assert [line["id"] for line in lines(tmp_path / "predictions-v1-1.jsonl")] == ["first", "last"]
    assert lost("not written") - before == 3
    assert caplog.text.count("cannot be written") == 1
