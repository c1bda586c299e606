"""A light curve from ALeRCE is all there and as it was measured, or it is not used."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr

from starloop.archives.alerce import Alerce, LightCurve
from starloop.archives.config import Archives, ArchiveSettings, Canaries, Credentials
from starloop.archives.line import Banned, Refused, Unavailable
from starloop.errors import ArchiveDown
from starloop.nights.calendar import Night
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS, Sky
from tests.contract.handmade import canned, handmade
from tests.contract.impatience import EVERYWHERE, struck, within

NIGHT = Night.parse("2020-06-01")
FIRST_MJD = NIGHT.begin - 200.0
ONE = "/ztf/v1/objects/"
AT_ZERO, ON_EQUATOR, LONG, FIFTY, BARE = "ZTF20aaaaaaa", "ZTF20aaaaaab", "ZTF20aaaaaac", "ZTF20aaaaaad", "ZTF20aaaaaae"
PLACE = {AT_ZERO: (0.0, 0.0), ON_EQUATOR: (10.0, 0.0), LONG: (20.0, 5.0), FIFTY: (0.0, 5.0), BARE: (40.0, 5.0)}
SEEN = {AT_ZERO: 3, ON_EQUATOR: 3, LONG: 60, FIFTY: 50, BARE: 60}
UNSEEN = {AT_ZERO: 2, LONG: 120, FIFTY: 50}
MEASURED = {
    "magpsf": 18.5, "sigmapsf": 0.1, "magpsf_corr": 17.5, "sigmapsf_corr": 0.05, "sigmapsf_corr_ext": 0.06,
    "isdiffpos": -1.0, "rb": 0.9, "drb": 0.8, "distnr": 0.3, "diffmaglim": 20.1, "corrected": True, "dubious": False,
}  # fmt: skip


def _detections(oid: str) -> Iterator[dict[str, Any]]:
    ra, dec = PLACE[oid]
    for number in range(SEEN[oid]):
        row = {"oid": oid, "candid": f"{oid}{number:03}", "mjd": FIRST_MJD + number, "fid": 1, "ra": ra, "dec": dec}
        yield row if oid == BARE else row | MEASURED


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    limits = [
        {"oid": oid, "mjd": FIRST_MJD + number + 0.5, "fid": 2, "diffmaglim": 20.0}
        for oid, count in UNSEEN.items()
        for number in range(count)
    ]
    detections = [row for oid in PLACE for row in _detections(oid)]
    sky = handmade(tmp_path_factory.mktemp("skies") / "broker", detections=detections, non_detections=limits)
    with serving(sky, None) as server:
        yield server


@pytest.fixture(autouse=True)
def _good_weather(broker: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)
    yield
    broker.misbehave([])


@pytest.fixture
def alerce(broker: Served) -> Alerce:
    return Alerce(within(broker.archives, 1.0))


def _at(url: str, **credentials: SecretStr) -> Alerce:
    settings = ArchiveSettings(url=url, rate_per_s=None)
    return Alerce(
        Archives(alerce=settings, canaries=Canaries(oid=AT_ZERO), credentials=Credentials.model_validate(credentials))
    )


def _eventually(alerce: Alerce, oid: str, expected: int | None) -> tuple[LightCurve, list[str]]:
    """Ask until there is an answer, and tell why the earlier ones were not used."""
    reasons = []
    for _ in range(8):
        try:
            return alerce.light_curve(oid, NIGHT, expected), reasons
        except Unavailable as why:
            reasons.append(str(why))
    raise AssertionError(reasons)


@pytest.mark.parametrize("oid", PLACE)
def test_a_light_curve_is_what_the_sky_holds(alerce: Alerce, oid: str) -> None:
    curve, reasons = _eventually(alerce, oid, SEEN[oid])
    assert curve.detections.equals(pa.Table.from_pylist(list(_detections(oid)), schema=DETECTIONS))
    assert curve.non_detections.num_rows == UNSEEN.get(oid, 0)
    assert curve.non_detections.schema == NON_DETECTIONS
    assert len(reasons) == (2 if oid == FIFTY else 0)


def test_a_position_of_zero_stays_zero(alerce: Alerce) -> None:
    assert alerce.light_curve(AT_ZERO, NIGHT).detections.select(["ra", "dec"]).to_pylist() == 3 * [
        {"ra": 0.0, "dec": 0.0}
    ]
    assert alerce.light_curve(ON_EQUATOR, NIGHT).detections["dec"].to_pylist() == 3 * [0.0]
    listed = {row["oid"]: (row["ra"], row["dec"]) for row in alerce.active(Night.at(FIRST_MJD)).to_pylist()}
    assert listed == {oid: pytest.approx(place, abs=1e-9) for oid, place in PLACE.items()}


@pytest.mark.parametrize("fault", ["zeros", "sentinel-100", "missing-keys"])
def test_every_way_of_saying_nothing_gives_the_same_rows(broker: Served, alerce: Alerce, fault: str) -> None:
    clean = {oid: _eventually(alerce, oid, SEEN[oid])[0] for oid in PLACE}
    assert clean[BARE].detections["rb"].null_count == SEEN[BARE]
    broker.misbehave([{"fault": fault, "rate": 1}])
    told = {oid: _eventually(alerce, oid, SEEN[oid])[0] for oid in PLACE}
    assert told == clean
    if fault != "missing-keys":  # which the server does of its own
        assert struck(broker) == 1


@pytest.mark.parametrize("fault", ["zeros", "sentinel-100"])
def test_simulated_light_curves_do_not_change_by_it(small_sky: Sky, fault: str) -> None:
    last = Night.at(small_sky.last_mjd)
    oids = sorted(set(small_sky.read("detections")["oid"].to_pylist()))[:15]
    with serving(small_sky, None) as server:
        alerce = Alerce(server.archives)
        clean = [alerce.light_curve(oid, last) for oid in oids]
        server.misbehave([{"fault": fault, "rate": 1}])
        assert [alerce.light_curve(oid, last) for oid in oids] == clean
        assert struck(server) > 0


def test_nothing_after_the_night_is_taken(alerce: Alerce) -> None:
    curve = alerce.light_curve(LONG, Night.at(FIRST_MJD).back(-9), SEEN[LONG])
    assert (curve.detections.num_rows, curve.non_detections.num_rows) == (10, 10)
    assert [curve.seen_in(Night.at(FIRST_MJD).back(-day)) for day in (-1, 0, 9, 10)] == [False, True, True, False]


def test_a_light_curve_that_is_cut_once_is_asked_for_again(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "row-limit", "route": ONE, "count": 1, "limit": 20}])
    curve, reasons = _eventually(alerce, LONG, SEEN[LONG])
    assert (curve.detections.num_rows, curve.non_detections.num_rows) == (60, 120)
    assert reasons == ["20 of 60 detections"]
    assert alerce.short == {}


def test_fewer_detections_are_believed_when_they_are_said_again_and_again(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "row-limit", "route": ONE, "rate": 1, "limit": 20}])
    curve, reasons = _eventually(alerce, LONG, SEEN[LONG])
    assert curve.detections.num_rows == 20
    assert reasons == 2 * ["20 of 60 detections"]
    assert alerce.short == {LONG: 20}


def test_fewer_detections_are_never_believed_when_they_are_as_many_as_a_silent_limit(
    broker: Served, alerce: Alerce
) -> None:
    broker.misbehave([{"fault": "row-limit", "route": ONE, "rate": 1, "limit": 50}])
    with pytest.raises(AssertionError, match=r"(cut to 50 of 60 detections.*){8}"):
        _eventually(alerce, LONG, SEEN[LONG])
    assert alerce.short == {}


def test_upper_limits_that_may_be_cut_are_asked_for_again(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "row-limit", "route": ONE, "count": 2, "limit": 50}])
    curve, reasons = _eventually(alerce, LONG, expected=50)
    assert curve.non_detections.num_rows == 120
    assert reasons == 2 * ["as many rows as a silent limit"]


def test_as_many_detections_as_a_silent_limit_are_doubted_when_nobody_said_how_many_there_are(
    broker: Served, alerce: Alerce
) -> None:
    broker.misbehave([{"fault": "row-limit", "route": ONE, "count": 1, "limit": 50}])
    curve, reasons = _eventually(alerce, BARE, expected=None)
    assert (curve.detections.num_rows, len(reasons)) == (60, 1)


def test_a_light_curve_without_detections_is_not_one(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "empty", "route": ONE, "rate": 1}])
    with pytest.raises(Unavailable, match="no detections of an object that has some"):
        alerce.light_curve(LONG, NIGHT, SEEN[LONG])
    with pytest.raises(ArchiveDown, match=f"no detections of {AT_ZERO}, which has always had some"):
        alerce.canary()


def test_an_unknown_object_is_refused_and_not_asked_for_again(alerce: Alerce) -> None:
    with pytest.raises(Refused, match=r"status 404.*ZTF20nowhere not found"):
        alerce.light_curve("ZTF20nowhere", NIGHT)
    assert alerce.line.tally.requests == 1


def test_there_is_no_canary_in_a_sky_that_has_none(broker: Served) -> None:
    archives = broker.archives.model_copy(update={"canaries": Canaries(oid=None)})
    assert Alerce(archives).canary() is None


@pytest.mark.parametrize("fault", EVERYWHERE)
def test_a_fault_once_changes_nothing_and_at_every_request_says_so(broker: Served, fault: str) -> None:
    archives = within(broker.archives, 0.2)
    clean = Alerce(archives).light_curve(LONG, NIGHT, SEEN[LONG])
    broker.misbehave([{"fault": fault, "route": ONE, "count": 1}])
    assert Alerce(archives).light_curve(LONG, NIGHT, SEEN[LONG]) == clean
    assert struck(broker) == 1
    broker.misbehave([{"fault": fault, "route": ONE, "rate": 1}])
    with pytest.raises(Unavailable):
        Alerce(archives).light_curve(LONG, NIGHT, SEEN[LONG])
    with pytest.raises(ArchiveDown, match=f"^ALeRCE at {broker.url} cannot be used"):
        Alerce(archives).canary()


def test_whoever_is_banned_asks_once(broker: Served, alerce: Alerce) -> None:
    broker.misbehave([{"fault": "ban", "route": ONE, "rate": 1}])
    with pytest.raises(Banned, match="status 403"):
        alerce.light_curve(LONG, NIGHT, SEEN[LONG])
    assert alerce.line.tally.requests == 1


def test_a_recorded_answer_is_read_whole(recordings: Path) -> None:
    body = (recordings / "alerce" / "aaelulu.json").read_bytes()
    told = json.loads(body)
    with canned(body) as archive:
        curve = _at(archive.url).light_curve("ZTF20aaelulu", Night.parse("2023-12-31"), expected=58)
    rows = curve.detections.to_pylist()
    assert [row["candid"] for row in rows] == [row["candid"] for row in sorted(told["detections"], key=_mjd)]
    for name in ("mjd", "fid", "magpsf", "magpsf_corr", "sigmapsf_corr_ext", "rb", "drb", "isdiffpos", "corrected"):
        assert [row[name] for row in rows] == [row[name] for row in sorted(told["detections"], key=_mjd)], name
    assert curve.detections["magpsf_corr"].null_count > 0
    assert curve.non_detections.num_rows == len(told["non_detections"]) == 17
    assert all(one["mjd"] <= other["mjd"] for one, other in pairwise(rows))


def _mjd(row: dict[str, float]) -> float:
    return row["mjd"]
