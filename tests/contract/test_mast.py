"""The TESS Input Catalog, through astroquery, in every weather."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from starloop.archives import mast
from starloop.archives.config import Archives, Credentials
from starloop.archives.line import Banned, Refused, Unavailable
from starloop.archives.mast import Identity, Mast
from starloop.errors import ArchiveDown, BadInput
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import Sky
from tests.contract import mast_weather as weather
from tests.contract.portal import complete, portal

pytestmark = pytest.mark.filterwarnings("error")

TOKEN = "0123456789abcdef" * 2
ARCSEC = 1 / 3600


@pytest.fixture(scope="module")
def sky(small_sky: Sky) -> Iterator[Served]:
    """The small sky, on a server whose faults only this module sets."""
    with serving(small_sky, None) as server:
        yield server


@pytest.fixture(autouse=True)
def fair(sky: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No fault is left behind, and nobody but the archive was asked."""
    elsewhere = weather.stay_here(monkeypatch)
    yield
    sky.misbehave([])
    assert elsewhere == []


@pytest.fixture(scope="module")
def star(small_sky: Sky) -> dict[str, Any]:
    """The TIC number and position of a star."""
    rows = [row for row in small_sky.read("objects").to_pylist() if row["tic"] is not None]
    return {name: rows[0][name] for name in ("tic", "ra", "dec")}


def with_token(archives: Archives, token: str) -> Archives:
    """Give the settings of somebody who has one."""
    return archives.model_copy(update={"credentials": Credentials(mast_token=SecretStr(token))})


def test_a_star_is_told_with_its_own_position_and_how_far_away_it_is(sky: Served, star: dict[str, Any]) -> None:
    (found,) = Mast(sky.archives).nearest_star(star["ra"], star["dec"] + 1.5 * ARCSEC).to_pylist()
    assert found.pop("arcsec") == pytest.approx(1.5, abs=1e-3)
    assert found == star


def test_there_is_no_star_beyond_two_arcsec(sky: Served, star: dict[str, Any]) -> None:
    found = Mast(sky.archives).nearest_star(star["ra"], star["dec"] + 2.1 * ARCSEC)
    assert (found.num_rows, found.schema) == (0, mast.STARS)


def test_the_nearer_of_two_stars_is_told_whatever_the_order(small_sky: Sky, tmp_path: Path) -> None:
    objects = small_sky.read("objects").to_pylist()
    objects[0] |= {"tic": 7, "ra": 0.0, "dec": 0.0}
    objects[1] |= {"tic": 8, "ra": 0.0, "dec": ARCSEC}
    with serving(weather.with_table(small_sky, tmp_path / "pair", "objects", objects), None) as server:
        client = Mast(server.archives)
        assert client.nearest_star(0.0, 0.4 * ARCSEC)["tic"].to_pylist() == [7]
        assert client.nearest_star(0.0, 0.6 * ARCSEC)["tic"].to_pylist() == [8]


def test_many_threads_share_a_client_and_each_gets_its_own_answer(sky: Served, small_sky: Sky) -> None:
    client = Mast(sky.archives)
    stars = [row for row in small_sky.read("objects").to_pylist() if row["tic"] is not None] * 3
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda row: client.nearest_star(row["ra"], row["dec"])["tic"].to_pylist(), stars))
    assert found == [[row["tic"]] for row in stars]
    assert client.line.tally.retries == 0


def test_clients_of_two_archives_each_ask_their_own(sky: Served, star: dict[str, Any]) -> None:
    with portal(lambda service: complete()) as empty:
        first, second = Mast(sky.archives), Mast(empty.archives)
        assert second.nearest_star(star["ra"], star["dec"]).num_rows == 0
        assert first.nearest_star(star["ra"], star["dec"]).num_rows == 1


def test_every_fault_of_the_archive_server_is_met_here() -> None:
    assert weather.FAULTS == weather.HARMLESS | weather.PASSING | weather.REFUSING | weather.SILENT


@pytest.mark.parametrize("fault", sorted(weather.PASSING))
def test_a_passing_fault_is_waited_out(
    sky: Served, star: dict[str, Any], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_waiting(monkeypatch)
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": fault, "route": "mast", "count": 2}])
    found = client.line.ask(lambda: client.nearest_star(star["ra"], star["dec"]))
    assert found["tic"].to_pylist() == [star["tic"]]


@pytest.mark.parametrize("fault", sorted(weather.PASSING | weather.REFUSING))
def test_a_lasting_fault_is_said_in_time(
    sky: Served, star: dict[str, Any], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_patience(monkeypatch)
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": fault, "route": "mast", "rate": 1.0}])
    weather.raises_clearly(lambda: client.nearest_star(star["ra"], star["dec"]), 8)


@pytest.mark.parametrize("fault", sorted(weather.HARMLESS))
def test_a_harmless_fault_changes_nothing(sky: Served, star: dict[str, Any], fault: str) -> None:
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": fault, "route": "mast", "rate": 1.0}])
    assert client.nearest_star(star["ra"], star["dec"])["tic"].to_pylist() == [star["tic"]]


def test_a_ban_is_not_asked_again(sky: Served, star: dict[str, Any]) -> None:
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": "ban", "route": "mast", "rate": 1.0}])
    with pytest.raises(Banned, match="status 403"):
        client.nearest_star(star["ra"], star["dec"])
    assert client.line.tally.requests == 1


def test_an_archive_that_is_silent_about_everything_is_caught_by_the_canary(
    sky: Served, star: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_waiting(monkeypatch)
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": "empty", "route": "mast", "rate": 1.0}])
    assert client.nearest_star(star["ra"], star["dec"]).num_rows == 0
    with pytest.raises(ArchiveDown, match=r"MAST at .* cannot be used \(no TIC star at .*STARLOOP_ARCHIVES__MAST__URL"):
        client.canary()


def test_the_canary_is_named_and_a_sky_without_stars_has_none(sky: Served, small_sky: Sky) -> None:
    tics = small_sky.read("objects")["tic"].to_pylist()
    assert Mast(sky.archives).canary() in {f"TIC {tic} at {_place(small_sky, tic)}" for tic in tics if tic is not None}
    bare = sky.archives.model_copy(update={"canaries": sky.archives.canaries.model_copy(update={"star": None})})
    assert Mast(bare).canary() is None


def _place(sky: Sky, tic: int) -> str:
    row = next(row for row in sky.read("objects").to_pylist() if row["tic"] == tic)
    return f"{row['ra']:.5f} {row['dec']:+.5f}"


def test_a_query_that_never_ends_is_polled_without_haste_and_given_up(sky: Served, star: dict[str, Any]) -> None:
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": "executing", "route": "mast", "rate": 1.0}])
    with pytest.raises(Unavailable, match="status EXECUTING for too long"):
        client.nearest_star(star["ra"], star["dec"])
    assert client.line.tally.requests <= 6


def test_a_redirect_without_end_is_not_followed_for_long(sky: Served, star: dict[str, Any]) -> None:
    client = Mast(weather.impatient(sky))
    sky.misbehave([{"fault": "redirect", "route": "mast", "rate": 1.0}])
    with pytest.raises(Unavailable, match="redirects without end"):
        client.nearest_star(star["ra"], star["dec"])
    assert client.line.tally.requests <= 6


def test_an_address_that_is_none_is_not_asked_again(sky: Served) -> None:
    archives = sky.archives
    wrong = archives.model_copy(update={"mast": archives.mast.model_copy(update={"url": "mast.stsci.edu"})})
    with pytest.raises(Refused, match=r"MissingSchema.*mast\.stsci\.edu"):
        Mast(wrong).nearest_star(10.0, 5.0)


def test_an_answer_of_exactly_a_page_may_be_cut(
    sky: Served, star: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mast, "PAGE_ROWS", 1)
    with pytest.raises(Unavailable, match="exactly 1 rows: the answer was cut"):
        Mast(sky.archives).nearest_star(star["ra"], star["dec"])


ROW = {"ID": "7", "ra": 10.0, "dec": 5.0, "dstArcSec": 0.5}


@pytest.mark.parametrize(
    "answer",
    [
        *(complete({key: value for key, value in ROW.items() if key != missing}) for missing in ROW),
        *(complete(ROW | {key: None}) for key in ROW),
        complete(ROW, "a text"),
        b'{"status": "COMPLETE", "data": null, "fields": []}',
        b'{"status": "COMPLETE", "fields": []}',
        b'{"data": []}',
        b"{}",
        b"[]",
        b"<html><body>The archive is being moved.</body></html>",
    ],
)
def test_a_malformed_answer_gives_no_star_and_is_worth_asking_again(answer: bytes) -> None:
    with portal(lambda service: answer) as told, pytest.raises(Unavailable):
        Mast(told.archives).nearest_star(10.0, 5.0)


def test_entries_that_are_no_stars_of_their_own_are_passed_over() -> None:
    rows = [ROW | {"disposition": "DUPLICATE"}, ROW | {"ID": "8", "dstArcSec": 1.0, "disposition": None}]
    with portal(lambda service: complete(*rows)) as told:
        assert Mast(told.archives).nearest_star(10.0, 5.0)["tic"].to_pylist() == [8]


def test_without_a_token_nobody_logs_in_and_nobody_is_asked_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAST_API_TOKEN", TOKEN)
    monkeypatch.setattr("getpass.getpass", pytest.fail)
    monkeypatch.setattr("keyring.get_password", pytest.fail)
    with portal(lambda service: complete()) as told:
        client = Mast(told.archives)
        client.nearest_star(10.0, 5.0)
        client.rows(lambda: client.observations.get_product_list_async(["1"]))
    assert len(told.headers) == client.line.tally.requests
    assert not [headers for headers in told.headers if "Cookie" in headers]


def test_a_token_is_accepted_and_its_end_is_told(sky: Served, star: dict[str, Any]) -> None:
    client = Mast(with_token(sky.archives, TOKEN))
    told = client.whoami()
    assert told.valid
    assert told.expires is not None
    assert client.nearest_star(star["ra"], star["dec"]).num_rows == 1
    assert Mast(sky.archives).whoami() == Identity(valid=False, expires=None)


def test_a_refused_token_is_named_but_not_told(sky: Served, star: dict[str, Any]) -> None:
    client = Mast(with_token(sky.archives, "out of date"))
    with pytest.raises(BadInput, match="does not accept the token in MAST_API_TOKEN: renew it") as refused:
        client.nearest_star(star["ra"], star["dec"])
    assert "out of date" not in str(refused.value)
    assert client.whoami() == Identity(valid=False, expires=None)


def test_a_good_token_that_is_forgotten_for_a_moment_is_shown_again(sky: Served, star: dict[str, Any]) -> None:
    sky.misbehave([{"fault": "expired-token", "count": 2}])
    assert Mast(with_token(sky.archives, TOKEN)).nearest_star(star["ra"], star["dec"]).num_rows == 1
    sky.misbehave([{"fault": "expired-token", "rate": 1.0}])
    with pytest.raises(BadInput, match="MAST_API_TOKEN"):
        Mast(with_token(sky.archives, TOKEN)).canary()


def test_a_token_is_shown_to_nobody_else() -> None:
    with portal(lambda service: complete()) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        with portal(lambda service: complete(), moved_to=elsewhere) as told, pytest.raises(BadInput):
            Mast(with_token(told.archives, TOKEN)).nearest_star(10.0, 5.0)
    assert TOKEN in told.headers[0]["Cookie"]
    assert other.headers
    assert not [headers for headers in other.headers if "Cookie" in headers]


def test_a_token_is_shown_to_an_archive_on_this_machine(sky: Served) -> None:
    archives = with_token(sky.archives, TOKEN)
    by_name = archives.mast.model_copy(update={"url": sky.url.replace("127.0.0.1", "localhost")})
    assert Mast(archives.model_copy(update={"mast": by_name})).whoami().valid


def test_a_token_is_in_no_log_however_talkative(
    sky: Served, star: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    import astroquery

    astroquery.log.addHandler(caplog.handler)
    try:
        with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, astroquery.log.name):
            client = Mast(with_token(sky.archives, TOKEN))
            client.nearest_star(star["ra"], star["dec"])
            client.rows(lambda: client.observations.get_product_list_async(["1"]))
    finally:
        astroquery.log.removeHandler(caplog.handler)
    assert logging.DEBUG in {record.levelno for record in caplog.records}
    assert TOKEN not in caplog.text


def test_asking_prints_nothing(sky: Served, star: dict[str, Any], capfd: pytest.CaptureFixture[str]) -> None:
    client = Mast(with_token(sky.archives, TOKEN))
    client.canary()
    client.nearest_star(star["ra"], star["dec"] + 1)
    assert capfd.readouterr() == ("", "")
