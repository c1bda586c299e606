"""A light curve from IRSA is whole, whatever cuts it or gets in its way."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest

from starloop.archives import irsa as module
from starloop.archives.config import Archives, ArchiveSettings, Canaries
from starloop.archives.irsa import Irsa
from starloop.archives.line import Banned, Refused, Unavailable
from starloop.errors import ArchiveDown
from starloop.nights.calendar import Night
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import RELEASES
from tests.contract.handmade import canned, handmade
from tests.contract.impatience import EVERYWHERE, struck, within

NIGHT = Night.parse("2021-06-30")
FIRST_MJD = 58300.0
HEADER = ",".join(name for name in RELEASES.names if name != "query")
FAULTS = (*EVERYWHERE, "html")
SOURCES = {11: ("many", 700), 12: ("many", 650), 21: ("even", 500), 31: ("zero", 4), 41: ("timeless", 500)}
"""By number of the source: whose it is, and how many epochs it has."""
PLACE = {"many": (10.0, 5.0), "even": (20.0, -5.0), "zero": (0.0, 0.0), "timeless": (30.0, 5.0), "none": (40.0, 5.0)}
FLAGS = (0, 1, 32768, 65535)


def _epochs(source: int) -> Iterator[dict[str, Any]]:
    oid, count = SOURCES[source]
    ra, dec = PLACE[oid]
    for number in range(count):
        yield {
            "oid": source,
            "expid": float(number),
            "mjd": None if oid == "timeless" and number % 250 == 249 else FIRST_MJD + 1.5 * number,
            "mag": 17.0 + number / 1000,
            "catflags": FLAGS[number % len(FLAGS)],
            "filtercode": "zg",
            "ra": ra,
            "dec": dec,
            "ccdid": 12.0,
            "query": oid,
        }


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    rows = [row for source in SOURCES for row in _epochs(source)]
    with serving(handmade(tmp_path_factory.mktemp("skies") / "irsa", releases=rows), None) as server:
        yield server


@pytest.fixture(autouse=True)
def _good_weather(archive: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)
    yield
    archive.misbehave([])


@pytest.fixture
def irsa(archive: Served) -> Iterator[Irsa]:
    with Irsa(_settings(archive)) as irsa:
        yield irsa


def _settings(archive: Served, deadline_s: float = 1.0) -> Archives:
    return within(archive.archives, deadline_s).model_copy(update={"canaries": Canaries(epochs=PLACE["zero"])})


def _at(url: str, **told: Any) -> Irsa:
    return Irsa(Archives.model_validate({"irsa": ArchiveSettings(url=url, rate_per_s=None), **told}))


def _expected(oid: str) -> pa.Table:
    rows = [row for source, (whose, _) in SOURCES.items() if whose == oid for row in _epochs(source)]
    table = pa.Table.from_pylist(rows, schema=RELEASES)
    return table.sort_by([("oid", "ascending"), ("mjd", "ascending"), ("expid", "ascending")])


@pytest.mark.parametrize("oid", PLACE)
@pytest.mark.parametrize(
    "fault",
    [None, {"rate": 1, "limit": 500}, {"count": 1, "limit": 500}, {"rate": 0.3, "limit": 500}, {"rate": 1}],
    ids=str,
)
def test_a_light_curve_is_what_the_sky_holds_though_answers_are_cut(
    archive: Served, irsa: Irsa, oid: str, fault: dict[str, Any] | None
) -> None:
    archive.misbehave([{"fault": "row-limit", "route": "irsa"} | fault] if fault else [])
    assert irsa.epochs(oid, *PLACE[oid], NIGHT).equals(_expected(oid))


def test_other_limits_are_seen_through_as_well(archive: Served, irsa: Irsa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SUSPICIOUS", frozenset({40}))
    archive.misbehave([{"fault": "row-limit", "route": "irsa", "rate": 1, "limit": 40}])
    assert irsa.epochs("even", *PLACE["even"], NIGHT).equals(_expected("even"))
    assert irsa.line.tally.requests > 2 * 500 / 40


def test_an_answer_that_is_cut_however_little_is_asked_for_is_refused(
    irsa: Irsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SUSPICIOUS", frozenset(range(5)))
    with pytest.raises(Refused, match=r"cut to [0-4] rows, even for 0\.00\d days"):
        irsa.epochs("zero", *PLACE["zero"], NIGHT)


def test_nothing_after_the_night_is_taken(archive: Served, irsa: Irsa) -> None:
    night = Night.at(FIRST_MJD + 299)
    for limit in (10_000, 500):
        archive.misbehave([{"fault": "row-limit", "route": "irsa", "rate": 1, "limit": limit}])
        for oid, rows in (("many", 400), ("even", 200), ("timeless", 202), ("none", 0)):
            assert irsa.epochs(oid, *PLACE[oid], night).num_rows == rows, oid


def test_flags_are_kept_as_they_are(irsa: Irsa) -> None:
    assert irsa.epochs("zero", *PLACE["zero"], NIGHT)["catflags"].to_pylist() == list(FLAGS)


def test_questions_are_put_as_the_service_documents_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SUSPICIOUS", frozenset({0}))
    with canned(f"{HEADER}\n".encode()) as archive, _at(archive.url, collection="ztf_dr24") as irsa:
        with pytest.raises(Refused):
            irsa.epochs("zero", 0.0, -0.25, NIGHT)
        monkeypatch.undo()
        irsa.recount([22, 11], NIGHT)
    by_place, first_part, *_, by_number = [parse_qs(urlsplit(path).query) for path, _, _ in archive.asked]
    assert by_place == {
        "POS": ["CIRCLE 0.000000 -0.250000 0.0004"],
        "FORMAT": ["CSV"],
        "COLLECTION": ["ztf_dr24"],
    }
    middle = (58000 + NIGHT.end) / 2
    assert first_part == by_place | {"TIME": [f"58000.0 {middle}"]}
    assert by_number == {"ID": ["11,22"], "FORMAT": ["CSV"], "COLLECTION": ["ztf_dr24"]}


def test_the_newest_data_release_is_asked_unless_one_is_set() -> None:
    with canned(f"{HEADER}\n".encode()) as archive, _at(archive.url) as irsa:
        irsa.epochs("none", 1.0, 2.0, NIGHT)
        assert "COLLECTION" not in archive.asked[0][0]


def test_small_whole_numbers_may_be_hexadecimal() -> None:
    row = "686103400034440,44835315,2458202.85,58202.35,18.6,0.04,32768,zg,209.9,29.9,1,0,20180325353159,686,0x0c,0x1,"
    with (
        canned(f"{HEADER}\n{row}20.5,26.2,0.03,-0.01,5.3e-05,30,1.1,1\n".encode()) as archive,
        _at(archive.url) as irsa,
    ):
        told = irsa.epochs("a", 209.9, 29.9, NIGHT).to_pylist()[0]
    assert (told["ccdid"], told["qid"], told["filefracday"], told["exptime"]) == (12.0, 1.0, 20180325353159.0, 30.0)
    assert (told["oid"], told["field"], told["catflags"], told["query"]) == (686103400034440, 686, 32768, "a")


def test_an_empty_cell_is_null_in_every_column() -> None:
    with canned(f"{HEADER}\n{',' * 23}\n1,{',' * 22}\n".encode()) as archive, _at(archive.url) as irsa:
        told = irsa.epochs("a", 1.0, 2.0, NIGHT)
    assert told.schema == RELEASES
    assert [told[name].null_count for name in RELEASES.names] == [1] + 23 * [2] + [0]


def test_epochs_are_counted_by_source(archive: Served, irsa: Irsa) -> None:
    counts = Counter({11: 700, 12: 650, 21: 500})
    assert irsa.recount([11, 12, 21, 99], NIGHT) == counts
    assert irsa.recount([41], NIGHT) == {41: 500}
    archive.misbehave([{"fault": "row-limit", "route": "irsa", "rate": 1, "limit": 500}])
    assert irsa.recount([11, 12, 21, 99], NIGHT) == counts
    assert irsa.recount([11, 12], Night.at(FIRST_MJD + 299)) == {11: 200, 12: 200}
    assert irsa.recount([99], NIGHT) == Counter()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_once_changes_nothing_and_at_every_request_says_so(archive: Served, fault: str) -> None:
    settings = _settings(archive, 0.2)
    archive.misbehave([{"fault": fault, "route": "irsa", "count": 1}])
    with Irsa(settings) as irsa:
        assert irsa.line.ask(lambda: irsa.epochs("even", *PLACE["even"], NIGHT)).equals(_expected("even"))
        assert struck(archive) == 1
    archive.misbehave([{"fault": fault, "route": "irsa", "rate": 1}])
    with Irsa(settings) as irsa:
        with pytest.raises(Unavailable):
            irsa.epochs("even", *PLACE["even"], NIGHT)
        with pytest.raises(ArchiveDown, match=f"^IRSA at {archive.url}.* cannot be used"):
            irsa.canary()


def test_a_redirection_to_nowhere_is_no_answer() -> None:
    with canned() as archive, _at(archive.url) as irsa:
        archive.status, archive.headers["location"] = 302, "http://127.0.0.1:port"
        with pytest.raises(Unavailable, match="it redirects to what is no address"):
            irsa.epochs("none", 1.0, 2.0, NIGHT)


@pytest.mark.parametrize(("fault", "error"), [("usage-fault", Refused), ("ban", Banned)])
def test_a_refused_question_is_not_asked_again(archive: Served, irsa: Irsa, fault: str, error: type[Exception]) -> None:
    archive.misbehave([{"fault": fault, "route": "irsa", "rate": 1}])
    with pytest.raises(error, match=r"status 40[03]"):
        irsa.epochs("even", *PLACE["even"], NIGHT)
    assert irsa.line.tally.requests == 1


def test_the_canary_sings(irsa: Irsa) -> None:
    assert irsa.canary() == "4 epochs at 0.00000 +0.00000"


def test_the_canary_is_asked_again_when_it_is_refused_for_it_cannot_be_wrong(archive: Served, irsa: Irsa) -> None:
    archive.misbehave([{"fault": "usage-fault", "route": "irsa", "count": 2}])
    assert irsa.canary() == "4 epochs at 0.00000 +0.00000"


@pytest.mark.parametrize(
    ("fault", "why", "requests"),
    [("empty", "no epochs at 0.00000", 5), ("usage-fault", "status 400: UsageFault", 5), ("ban", "status 403", 1)],
)
def test_a_silent_canary_means_that_nothing_is_believed(
    archive: Served, irsa: Irsa, fault: str, why: str, requests: int
) -> None:
    archive.misbehave([{"fault": fault, "route": "irsa", "rate": 1}])
    with pytest.raises(ArchiveDown, match=why):
        irsa.canary()
    assert irsa.line.tally.requests == requests


def test_there_is_no_canary_in_a_sky_that_has_none(archive: Served) -> None:
    with Irsa(archive.archives.model_copy(update={"canaries": Canaries(epochs=None)})) as irsa:
        assert irsa.canary() is None


def test_a_recorded_answer_without_epochs_is_an_empty_table(recordings: Path) -> None:
    body = (recordings / "odd" / "6555925496084361344.csv").read_bytes()
    with canned(body) as archive, _at(archive.url) as irsa:
        assert irsa.epochs("none", 1.0, 2.0, NIGHT).equals(RELEASES.empty_table())


def test_recorded_answers_of_other_services_are_not_taken_for_epochs(recordings: Path) -> None:
    others = [*recordings.glob("odd/light-curve*/*.csv"), *recordings.glob("irsa/*")]
    assert others
    with canned() as archive:
        for other in others:
            archive.body = other.read_bytes()
            with _at(archive.url) as irsa, pytest.raises(Unavailable, match=r"HTML instead|not a light-curve table"):
                irsa.epochs("none", 1.0, 2.0, NIGHT)
