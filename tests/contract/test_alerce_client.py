"""The alerce client is told where its archive is and who asks, and gives whole answers or none."""

import json
import os
import subprocess
import sys

import pytest
from alerce.utils import ResultJson
from pydantic import SecretStr

from starloop.archives.alerce import Alerce
from starloop.archives.config import Archives, ArchiveSettings, Canaries, Credentials
from starloop.archives.line import Unavailable
from starloop.errors import ArchiveDown
from starloop.nights.calendar import Night
from starloop.sky.server.host import Served
from starloop.sky.tables import Sky
from tests.contract.handmade import canned

NIGHT = Night.parse("2020-06-01")
OID = "ZTF20aaaaaaa"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)


def _at(url: str, **credentials: SecretStr) -> Alerce:
    settings = ArchiveSettings(url=url, rate_per_s=None)
    return Alerce(
        Archives(alerce=settings, canaries=Canaries(oid=OID), credentials=Credentials.model_validate(credentials))
    )


def test_the_client_is_never_asked_for_its_own_tables(
    served: Served, small_sky: Sky, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("asked for something else than JSON")

    for way in ("to_pandas", "to_votable", "to_csv"):
        monkeypatch.setattr(ResultJson, way, fail)
    alerce, last = Alerce(served.archives), Night.at(small_sky.last_mjd)
    oids = [oid for day in range(10) for oid in alerce.active(last.back(day))["oid"].to_pylist()]
    assert alerce.light_curve(oids[0], last).detections.num_rows > 0
    assert str(alerce.canary()).endswith(f"detections of {served.archives.canaries.oid}")


@pytest.mark.parametrize("url", ["nowhere", "ftp://127.0.0.1", "http://[nowhere"])
def test_an_address_that_is_not_one_is_said_to_be_so(url: str) -> None:
    with pytest.raises(ArchiveDown, match=r"address .*: try again later, or check STARLOOP_ARCHIVES__ALERCE__URL$"):
        _at(url).canary()


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"{}",
        b'{"detections": [{"mjd": 58900.5}]}',
        b'{"detections": null, "non_detections": []}',
        b'{"detections": [1], "non_detections": []}',
        b'{"detections": [[]], "non_detections": []}',
        b'{"detections": [{"mjd": "yesterday"}], "non_detections": []}',
        b'{"detections": [{"mjd": 58900.5, "magpsf": "faint"}], "non_detections": []}',
        b'{"detections": [{"mjd": 58900.5, "fid": 1000}], "non_detections": []}',
        b'{"detections": [{"mjd": 58900.5, "rb": [0.5]}], "non_detections": []}',
        b'{"detections": [{"mjd": 58900.5}], "non_detections": [{"mjd": 58900.5, "fid": "g"}]}',
        b"<html><body>Down for maintenance</body></html>",
        b"",
    ],
)
def test_an_answer_that_is_not_a_light_curve_is_not_used(body: bytes) -> None:
    with canned(body) as archive, pytest.raises(Unavailable, match=r"malformed|not JSON|not an object of JSON"):
        _at(archive.url).light_curve(OID, NIGHT)


def test_what_is_no_number_in_json_is_null() -> None:
    body = b'{"detections": [{"mjd": 58900.5, "magpsf": NaN, "rb": 0.5}], "non_detections": []}'
    with canned(body) as archive:
        row = _at(archive.url).light_curve(OID, NIGHT).detections.to_pylist()[0]
    assert (row["mjd"], row["magpsf"], row["rb"]) == (58900.5, None, 0.5)


def test_a_token_is_shown_to_alerce_and_only_where_there_is_one() -> None:
    body = json.dumps({"detections": [{"mjd": 58900.5}], "non_detections": []}).encode()
    with canned(body) as archive:
        _at(archive.url).light_curve(OID, NIGHT)
        _at(archive.url, alerce_token=SecretStr("k3y")).light_curve(OID, NIGHT)
        told = [headers.get("authorization") for _, headers, _ in archive.asked]
    assert told == [None, "Bearer k3y"]


@pytest.mark.parametrize("before", [None, "/nowhere/alerce.json"])
def test_the_environment_is_left_as_it_was(before: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALERCE_CONFIG_PATH", raising=False)
    if before:
        monkeypatch.setenv("ALERCE_CONFIG_PATH", before)
    Alerce(Archives())
    assert os.environ.get("ALERCE_CONFIG_PATH") == before


def test_a_configuration_that_is_not_there_does_not_keep_the_client_from_being_imported() -> None:
    """In a process of its own: the client reads it while it is imported."""
    program = "from starloop.archives import alerce, config; alerce.Alerce(config.Archives())"
    variables = os.environ | {"ALERCE_CONFIG_PATH": "/nowhere/alerce.json"}
    subprocess.run([sys.executable, "-c", program], env=variables, check=True)
