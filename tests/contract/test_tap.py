"""TAPVizieR, well and unwell: what the cross-match would have given, asked object by object."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest

from starloop.archives.catalogues import LISTINGS, Listing
from starloop.archives.config import Archives, ArchiveSettings
from starloop.archives.line import Banned, Refused
from starloop.archives.tap import MOST_OBJECTS, Tap
from starloop.archives.xmatch import XMatch
from starloop.errors import ArchiveDown
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import OBJECTS, Sky
from tests.contract.impatience import EVERYWHERE, crowded, in_order, saying, struck, within

VSX, CHEN, QUASARS = LISTINGS


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("starloop.archives.line._wait", lambda state: 0.0)


@pytest.fixture(scope="module")
def weather(small_sky: Sky) -> Iterator[Served]:
    with serving(small_sky, None) as server:
        yield server


@pytest.fixture
def served(weather: Served) -> Iterator[Served]:
    """The small sky in good weather, until a test changes it."""
    yield weather
    weather.misbehave([])


@pytest.fixture
def archives(served: Served) -> Archives:
    return within(served.archives, 1.0)


@pytest.fixture
def tap(archives: Archives) -> Tap:
    return Tap(archives)


@pytest.fixture(scope="module")
def objects(small_sky: Sky) -> pa.Table:
    """Sixteen objects: two with an entry in VSX for each without."""
    stars = {row["oid"] for row in small_sky.read("catalogues").to_pylist() if row["catalogue"] == VSX.table}
    rows = small_sky.read("objects").to_pylist()
    with_entry = [row for row in rows if row["oid"] in stars][:11]
    without = [row for row in rows if row["oid"] not in stars][:5]
    return pa.Table.from_pylist(with_entry + without, schema=OBJECTS)


@pytest.fixture(scope="module")
def truth(weather: Served, objects: pa.Table) -> list[dict[str, object]]:
    """What the cross-match says of the objects in VSX."""
    return in_order(XMatch(weather.archives).matched(VSX, objects))


@pytest.fixture
def place() -> pa.Table:
    """An object in the crowd."""
    return pa.Table.from_pylist([{"oid": "ZTF20aaaaaaa", "ra": 10.0, "dec": 5.0}], schema=OBJECTS)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.table)
def test_it_gives_the_same_rows_as_the_cross_match_quietly(
    tap: Tap, archives: Archives, small_sky: Sky, listing: Listing, capfd: pytest.CaptureFixture[str]
) -> None:
    everything = small_sky.read("objects")
    matched = XMatch(archives).matched(listing, everything)
    assert matched.num_rows > 0
    found = tap.matched(listing, everything)
    assert found.schema == matched.schema
    assert in_order(found) == in_order(matched)
    assert tap.line.tally.requests == everything.num_rows
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("arcsec", [1.9999, 2.0, 2.0001])
def test_it_draws_the_same_line_as_the_cross_match(tap: Tap, archives: Archives, small_sky: Sky, arcsec: float) -> None:
    stars = [row for row in small_sky.read("catalogues").to_pylist() if row["catalogue"] == VSX.table]
    rows = [
        {"oid": f"ZTF20aaaa{n:03}", "ra": star["ra"], "dec": star["dec"] + sign * arcsec / 3600}
        for n, (star, sign) in enumerate(product(stars, (-1, 1)))
    ]
    beside = pa.Table.from_pylist(rows, schema=OBJECTS)
    matched = XMatch(archives).matched(VSX, beside)
    assert (matched.num_rows > 0) is (arcsec <= 2.0)
    assert in_order(tap.matched(VSX, beside)) == in_order(matched)


@pytest.mark.parametrize("fault", [*EVERYWHERE, "empty", "row-limit"])
def test_after_one_fault_the_answer_is_whole(
    served: Served, tap: Tap, objects: pa.Table, truth: list[dict[str, object]], fault: str
) -> None:
    limit = {"limit": 1} if fault == "row-limit" else {}
    served.misbehave([{"fault": fault, "route": "tap", "count": 1} | limit])
    assert in_order(tap.matched(VSX, objects)) == truth
    assert (struck(served), tap.line.tally.requests) == (1, objects.num_rows + 1)


@pytest.mark.parametrize("fault", [*EVERYWHERE, "empty"])
def test_a_fault_that_stays_ends_in_a_sentence(served: Served, objects: pa.Table, fault: str) -> None:
    served.misbehave([{"fault": fault, "route": "tap", "rate": 1.0}])
    with pytest.raises(ArchiveDown, match=r"TAPVizieR at .* try again later, or check STARLOOP_ARCHIVES__TAP__URL"):
        Tap(within(served.archives, 0.1)).matched(VSX, objects.slice(0, 4))


def test_a_ban_is_a_refusal(served: Served, tap: Tap, objects: pa.Table) -> None:
    served.misbehave([{"fault": "ban", "route": "tap", "rate": 1.0}])
    with pytest.raises(Banned, match="403"):
        tap.matched(VSX, objects)


def test_without_a_canary_an_empty_answer_must_be_said_twice(
    served: Served, archives: Archives, objects: pa.Table, truth: list[dict[str, object]]
) -> None:
    canaries = archives.canaries.model_copy(update={"entries": {}})
    tap = Tap(archives.model_copy(update={"canaries": canaries}))
    assert tap.canary() is None
    served.misbehave([{"fault": "empty", "route": "tap", "count": 1}])
    assert in_order(tap.matched(VSX, objects)) == truth
    assert tap.line.tally.requests == objects.num_rows + 6  # five have no entry, and one fault


def test_an_answer_that_the_service_says_is_cut_short_is_refused(
    small_sky: Sky, tmp_path: Path, place: pa.Table
) -> None:
    with (
        serving(crowded(small_sky, tmp_path / "dense", 1200), None) as server,
        pytest.raises(Refused, match=r"1000 entries of B/vsx/vsx near .* are an answer cut short"),
    ):
        Tap(within(server.archives, 1.0)).matched(VSX, place)


def test_fifty_entries_near_one_object_are_refused(small_sky: Sky, tmp_path: Path, place: pa.Table) -> None:
    with serving(crowded(small_sky, tmp_path / "dense", 120), None) as server:
        assert Tap(within(server.archives, 1.0)).matched(VSX, place).num_rows == 120
        server.misbehave([{"fault": "row-limit", "route": "tap", "rate": 1.0}])
        with pytest.raises(Refused, match=r"50 entries of B/vsx/vsx near .* are an answer cut short"):
            Tap(within(server.archives, 1.0)).matched(VSX, place)


def test_too_many_objects_are_refused_without_asking(tap: Tap, objects: pa.Table) -> None:
    many = pa.concat_tables([objects] * (MOST_OBJECTS // objects.num_rows + 1))
    with pytest.raises(Refused, match=f"{many.num_rows} objects are too many .*ask again when the cross-match answers"):
        tap.matched(VSX, many)
    assert tap.line.tally.requests == 0


def test_a_page_for_people_is_not_believed(archives: Archives, objects: pa.Table) -> None:
    with saying(b"<html><body><h1>Down for maintenance</h1></body></html>") as url:
        settings = ArchiveSettings(url=url, rate_per_s=None, deadline_s=1.0)
        with pytest.raises(ArchiveDown, match="not a VOTable"):
            Tap(archives.model_copy(update={"tap": settings})).matched(VSX, objects)


def test_a_table_the_service_does_not_know_is_refused(tap: Tap, objects: pa.Table) -> None:
    with pytest.raises(Refused, match="400: there is no table I/0/none"):
        tap.matched(Listing("I/0/none", "I/0/none", "Name", "RAJ2000", "DEJ2000", "Type"), objects)


def test_the_canary_is_the_entry_it_must_give(served: Served, tap: Tap, small_sky: Sky) -> None:
    first = min(row["name"] for row in small_sky.read("catalogues").to_pylist() if row["catalogue"] == VSX.table)
    assert tap.canary() == f"{first} of B/vsx/vsx"
    served.misbehave([{"fault": "empty", "route": "tap", "rate": 1.0}])
    with pytest.raises(ArchiveDown, match="without the entry of B/vsx/vsx"):
        tap.canary()


@pytest.mark.parametrize("seed", range(3))
def test_in_changing_weather_no_row_is_lost_or_doubled(
    served: Served, objects: pa.Table, truth: list[dict[str, object]], seed: int
) -> None:
    faults = [*EVERYWHERE, "empty"]
    served.misbehave([{"fault": fault, "route": "tap", "rate": 0.03, "seed": seed} for fault in faults])
    tap = Tap(within(served.archives, 1.0))
    assert in_order(tap.matched(VSX, objects)) == truth
    assert struck(served) > 0
