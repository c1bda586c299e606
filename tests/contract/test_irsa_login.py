"""IRSA's account is used where there is one, and its password goes nowhere but there."""

import logging
import traceback
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from pydantic import SecretStr

from starloop.archives.config import Archives, ArchiveSettings, Credentials
from starloop.archives.irsa import Irsa
from starloop.errors import ArchiveDown, BadInput
from starloop.nights.calendar import Night
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import RELEASES
from tests.contract.handmade import canned, handmade
from tests.contract.impatience import EVERYWHERE, within

PASSWORD = "correct-horse"
PLACE = {"ra": 10.0, "dec": 5.0}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    epochs = [{"oid": 1, "mjd": 58300.0, "query": "ZTF20aaaaaaa"} | PLACE]
    objects = [{"oid": "ZTF20aaaaaaa"} | PLACE]
    sky = handmade(tmp_path_factory.mktemp("skies") / "irsa", objects=objects, releases=epochs)
    with serving(sky, None) as server:
        yield server


@pytest.fixture(autouse=True)
def _good_weather(archive: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)
    yield
    archive.misbehave([])


def _with_account(archive: Served, password: str, deadline_s: float = 1.0) -> Irsa:
    account = Credentials(irsa_user=SecretStr("someone"), irsa_password=SecretStr(password))
    return Irsa(within(archive.archives, deadline_s).model_copy(update={"credentials": account}))


def test_an_account_is_logged_in_and_its_session_used() -> None:
    account = Credentials(irsa_user=SecretStr("someone"), irsa_password=SecretStr(PASSWORD))
    header = ",".join(name for name in RELEASES.names if name != "query")
    with (
        canned(f"{header}\n".encode()) as archive,
        Irsa(Archives(irsa=ArchiveSettings(url=f"{archive.url}/cgi-bin/lc"), credentials=account)) as irsa,
    ):
        archive.headers["set-cookie"] = "JOSSO_SESSIONID=5F37; Path=/"
        assert irsa.log_in()
        irsa.epochs("none", 1.0, 2.0, Night.at(59000))
    (login, _, form), (question, headers, _) = archive.asked
    assert login == "/account/signon/login.do"
    assert parse_qs(form.decode()) == {
        "josso_cmd": ["login"], "josso_username": ["someone"], "josso_password": [PASSWORD]
    }  # fmt: skip
    assert PASSWORD not in question
    assert headers["cookie"] == "JOSSO_SESSIONID=5F37"


def test_the_served_archive_lets_the_account_in(archive: Served) -> None:
    with _with_account(archive, PASSWORD) as irsa:
        assert irsa.log_in()
        assert irsa.canary() == "1 epochs at 10.00000 +5.00000"


@pytest.mark.parametrize("missing", ["irsa_user", "irsa_password"])
def test_without_a_whole_account_nobody_is_logged_in(archive: Served, missing: str) -> None:
    half = Credentials(irsa_user=SecretStr("someone"), irsa_password=SecretStr(PASSWORD)).model_copy(
        update={missing: None}
    )
    with Irsa(archive.archives.model_copy(update={"credentials": half})) as irsa:
        assert not irsa.log_in()
        assert irsa.line.tally.requests == 0


def test_a_wrong_password_is_said_without_saying_it(archive: Served, caplog: pytest.LogCaptureFixture) -> None:
    with _with_account(archive, "wrong") as irsa, pytest.raises(BadInput) as refused:
        irsa.log_in()
    assert "does not accept the account in STARLOOP_IRSA_USER and STARLOOP_IRSA_PASSWORD" in str(refused.value)
    assert "wrong" not in str(refused.value)


@pytest.mark.parametrize("fault", [None, *EVERYWHERE, "ban"])
def test_the_password_is_in_no_log_and_no_error(
    archive: Served, caplog: pytest.LogCaptureFixture, fault: str | None
) -> None:
    caplog.set_level(logging.DEBUG)
    archive.misbehave([{"fault": fault, "route": "irsa", "rate": 1}] if fault else [])
    said = ""
    with _with_account(archive, PASSWORD, deadline_s=0.2) as irsa:
        try:
            irsa.log_in()
        except ArchiveDown as down:
            said = "".join(traceback.format_exception(down))
    assert bool(said) == bool(fault)
    assert caplog.records
    assert PASSWORD not in caplog.text + said
