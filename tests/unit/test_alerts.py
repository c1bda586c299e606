"""Where alerts go, and the file they go to when nobody said where."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from deployments import receiver
from deployments.automations.channel import local, wanted
from starloop.errors import BadInput
from starloop.settings import Ports, Settings

SLACK = "https://hooks.slack.com/services/T0/B0/not-a-real-one"


def _settings(alerts: str | None) -> Settings:
    return Settings(alerts=SecretStr(alerts) if alerts else None, ports=Ports(alerts=9999))


@pytest.mark.parametrize(
    ("said", "now", "to"),
    [
        (None, None, "json://127.0.0.1:9999/alerts"),
        (None, local(1234), "json://127.0.0.1:9999/alerts"),
        (None, "jsons://elsewhere.org/hook", "jsons://elsewhere.org/hook"),
        ("local", "jsons://elsewhere.org/hook", "json://127.0.0.1:9999/alerts"),
        (SLACK, None, SLACK),
        ("https://elsewhere.org:8443/hook", SLACK, "jsons://elsewhere.org:8443/hook"),
        ("http://elsewhere.org/hook?token=a&to=b", None, "json://elsewhere.org/hook?-token=a&-to=b"),
        ("mailtos://me:secret@elsewhere.org", None, "mailtos://me:secret@elsewhere.org"),
    ],
)
def test_alerts_go_where_the_environment_says_and_else_stay_where_they_are(
    said: str | None, now: str | None, to: str
) -> None:
    assert wanted(_settings(said), now) == to


def test_no_address_is_refused_without_being_repeated() -> None:
    with pytest.raises(BadInput, match="STARLOOP_ALERTS is no address") as refused:
        wanted(_settings("hunter2"), None)
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(_settings("hunter2"))


def test_the_receiver_keeps_what_apprise_sends_and_the_text_of_anything_else(tmp_path: Path) -> None:
    file = tmp_path / "home" / "alerts.jsonl"
    with TestClient(receiver.app(file)) as client:
        assert client.get("/health").status_code == 200
        assert receiver.read(file) == []
        sent = {"version": "1.0", "title": "a night", "message": "was missed\nindeed", "type": "info"}
        assert client.post("/alerts", json=sent).status_code == 204
        assert client.post("/alerts", content=b"plain \xff").status_code == 204
        assert client.post("/alerts", content=b"[1]").status_code == 204
    told = [(alert["title"], alert["message"]) for alert in receiver.read(file)]
    assert told == [("a night", "was missed\nindeed"), ("", "plain \ufffd"), ("", "[1]")]
    assert all(set(json.loads(line)) == {"at", "title", "message"} for line in file.read_text().splitlines())


def test_the_alerts_that_were_received_can_be_read(tmp_path: Path) -> None:
    for number in range(3):
        with (tmp_path / "alerts.jsonl").open("a") as file:
            alert = {"at": f"2020-06-2{number}T15:00:00.5+00:00", "title": f"alert {number}", "message": "one\ntwo"}
            file.write(json.dumps(alert) + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "deployments", "alerts", "--last", "1"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "STARLOOP_SKY": "live", "STARLOOP_HOME": str(tmp_path)},
    )
    assert done.stdout.splitlines() == ["2020-06-22T15:00:00Z  alert 2", "    one", "    two"]
