"""The cross-match service, well and unwell: every entry near every object, once."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from astropy import units
from astropy.coordinates import SkyCoord, search_around_sky

from starloop.archives.catalogues import LISTINGS, Listing
from starloop.archives.config import ArchiveSettings
from starloop.archives.line import Refused
from starloop.archives.xmatch import XMatch
from starloop.errors import ArchiveDown
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import OBJECTS, Sky
from tests.contract.impatience import EVERYWHERE, crowded, in_order, saying, struck, within

VSX, CHEN, QUASARS = LISTINGS
REFUSAL = b'<?xml version="1.0"?><VOTABLE><RESOURCE type="results">%s</RESOURCE></VOTABLE>'


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
def xmatch(served: Served) -> XMatch:
    return XMatch(within(served.archives, 1.0))


@pytest.fixture(scope="module")
def objects(small_sky: Sky) -> pa.Table:
    return small_sky.read("objects")


@pytest.fixture(scope="module")
def truth(small_sky: Sky, objects: pa.Table) -> dict[str, list[dict[str, object]]]:
    """By table: its entries within 2 arcsec of each object, from the sky's own files."""
    rows = [row for row in small_sky.read("catalogues").to_pylist() if "/" in row["catalogue"]]
    for row in rows:  # what a table has no column for is not told
        row |= {"redshift": None} if row["catalogue"] != QUASARS.table else {"period": None}
    here, there = (
        SkyCoord([row["ra"] for row in part], [row["dec"] for row in part], unit="deg")
        for part in (objects.to_pylist(), rows)
    )
    objs, found, _, _ = search_around_sky(here, there, 2 * units.arcsec)
    near = [rows[entry] | {"oid": objects["oid"][int(row)].as_py()} for row, entry in zip(objs, found, strict=True)]
    return {
        listing.table: sorted((row for row in near if row["catalogue"] == listing.table), key=repr)
        for listing in LISTINGS
    }


@pytest.fixture(scope="module")
def crowd(small_sky: Sky) -> pa.Table:
    """Sixty objects at the places of VSX stars."""
    stars = [row for row in small_sky.read("catalogues").to_pylist() if row["catalogue"] == VSX.table]
    rows = [
        {"oid": f"ZTF20aaaa{n:03}", "ra": stars[n % len(stars)]["ra"], "dec": stars[n % len(stars)]["dec"]}
        for n in range(60)
    ]
    return pa.Table.from_pylist(rows, schema=OBJECTS)


@pytest.fixture
def dense(small_sky: Sky, tmp_path: Path) -> Iterator[Served]:
    """The small sky, with 120 VSX entries at one place and one elsewhere."""
    with serving(crowded(small_sky, tmp_path / "dense", 120), None) as server:
        yield server


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.table)
def test_every_entry_near_every_object_comes_once_and_quietly_and_the_canary_does_not(
    xmatch: XMatch,
    objects: pa.Table,
    truth: dict[str, list[dict[str, object]]],
    listing: Listing,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert truth[listing.table]
    assert in_order(xmatch.matched(listing, objects)) == truth[listing.table]
    assert xmatch.line.tally.requests == 1
    assert capfd.readouterr() == ("", "")


def test_no_objects_ask_nothing(xmatch: XMatch) -> None:
    assert xmatch.matched(VSX, OBJECTS.empty_table()).num_rows == 0
    assert xmatch.line.tally.requests == 0


def test_objects_without_entries_are_asked_once(xmatch: XMatch) -> None:
    nowhere = pa.Table.from_pylist([{"oid": "ZTF20aaaaaaa", "ra": 12.0, "dec": -89.0}], schema=OBJECTS)
    assert xmatch.matched(VSX, nowhere).num_rows == 0
    assert xmatch.line.tally.requests == 1


def test_without_a_canary_an_empty_answer_must_be_said_twice(served: Served, crowd: pa.Table) -> None:
    archives = within(served.archives, 1.0)
    canaries = archives.canaries.model_copy(update={"entries": {}})
    xmatch = XMatch(archives.model_copy(update={"canaries": canaries}))
    assert xmatch.canary() is None
    served.misbehave([{"fault": "empty", "route": "xmatch", "count": 1}])
    assert xmatch.matched(VSX, crowd).num_rows == crowd.num_rows
    assert xmatch.line.tally.requests == 2


@pytest.mark.parametrize("fault", [*EVERYWHERE, "empty", "row-limit"])
def test_after_one_fault_the_answer_is_whole(
    served: Served, xmatch: XMatch, objects: pa.Table, truth: dict[str, list[dict[str, object]]], fault: str
) -> None:
    limit = {"limit": 3} if fault == "row-limit" else {}
    served.misbehave([{"fault": fault, "route": "xmatch", "count": 1} | limit])
    assert in_order(xmatch.matched(VSX, objects)) == truth[VSX.table]
    assert struck(served) == 1


@pytest.mark.parametrize("fault", [*EVERYWHERE, "empty"])
def test_a_fault_that_stays_ends_in_a_sentence(served: Served, objects: pa.Table, fault: str) -> None:
    served.misbehave([{"fault": fault, "route": "xmatch", "rate": 1.0}])
    with pytest.raises(ArchiveDown, match=r"CDS XMatch at .* try again later, or check STARLOOP_ARCHIVES__XMATCH__URL"):
        XMatch(within(served.archives, 0.1)).matched(VSX, objects)


@pytest.mark.parametrize("limit", [50, 7])
def test_an_answer_that_is_always_cut_short_is_completed_by_smaller_questions(
    served: Served, xmatch: XMatch, crowd: pa.Table, limit: int
) -> None:
    healthy = in_order(xmatch.matched(VSX, crowd))
    assert len(healthy) == crowd.num_rows
    served.misbehave([{"fault": "row-limit", "route": "xmatch", "rate": 1.0, "limit": limit}])
    assert in_order(xmatch.matched(VSX, crowd)) == healthy
    assert xmatch.line.tally.requests > crowd.num_rows / limit


def test_a_limit_of_one_row_leaves_no_room_for_the_canary_and_is_not_believed(
    served: Served, xmatch: XMatch, crowd: pa.Table
) -> None:
    served.misbehave([{"fault": "row-limit", "route": "xmatch", "rate": 1.0, "limit": 1}])
    with pytest.raises(ArchiveDown, match="without the entry of B/vsx/vsx"):
        xmatch.matched(VSX, crowd)


def test_fifty_entries_near_one_object_are_refused(dense: Served) -> None:
    place = pa.Table.from_pylist([{"oid": "ZTF20aaaaaaa", "ra": 10.0, "dec": 5.0}], schema=OBJECTS)
    xmatch = XMatch(within(dense.archives, 1.0))
    assert xmatch.matched(VSX, place).num_rows == 120
    dense.misbehave([{"fault": "row-limit", "route": "xmatch", "rate": 1.0, "limit": 50}])
    with pytest.raises(Refused, match="50 entries of B/vsx/vsx near one object are an answer cut short"):
        xmatch.matched(VSX, place)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body><h1>Down for maintenance</h1></body></html>", "not a VOTable"),
        (b"", "not a VOTable"),
        (REFUSAL % b'<INFO name="QUERY_STATUS" value="ERROR">too busy</INFO>', "a query that failed: too busy"),
        (REFUSAL % b"", "a VOTable without a table"),
    ],
    ids=["page", "nothing", "error", "no table"],
)
def test_an_answer_that_is_not_a_table_is_not_believed(
    served: Served, objects: pa.Table, body: bytes, reason: str
) -> None:
    with saying(body) as url:
        settings = ArchiveSettings(url=url, rate_per_s=None, deadline_s=1.0)
        with pytest.raises(ArchiveDown, match=reason):
            XMatch(served.archives.model_copy(update={"xmatch": settings})).matched(VSX, objects)


def test_a_table_the_service_does_not_know_is_refused(xmatch: XMatch, objects: pa.Table) -> None:
    unknown = Listing("I/0/none", "I/0/none", "Name", "RAJ2000", "DEJ2000", "Type")
    with pytest.raises(Refused, match="400: cat2 must be vizier:NAME of a table listed"):
        xmatch.matched(unknown, objects)


def test_a_table_without_the_columns_is_refused(xmatch: XMatch, objects: pa.Table) -> None:
    renamed = Listing(VSX.table, VSX.vizier, "Name", "RAJ2000", "DEJ2000", "Class")
    with pytest.raises(Refused, match=r"B/vsx/vsx is not as starloop knows it: KeyError.'Class'"):
        xmatch.matched(renamed, objects)


def test_once_banned_it_asks_the_tap_service_instead_and_never_again(
    served: Served, xmatch: XMatch, objects: pa.Table, truth: dict[str, list[dict[str, object]]]
) -> None:
    served.misbehave([{"fault": "ban", "route": "xmatch", "count": 1}])
    for listing in LISTINGS:
        assert in_order(xmatch.matched(listing, objects)) == truth[listing.table]
    service, tap = xmatch.lines
    assert (service.tally.requests, tap.tally.requests) == (1, 3 * objects.num_rows)


def test_a_ban_and_too_many_objects_for_the_tap_service_are_refused(
    served: Served, xmatch: XMatch, crowd: pa.Table
) -> None:
    served.misbehave([{"fault": "ban", "route": "xmatch", "rate": 1.0}])
    with pytest.raises(Refused, match="600 objects are too many to ask TAPVizieR about one by one"):
        xmatch.matched(VSX, pa.concat_tables([crowd] * 10))


def test_the_canary_is_the_entry_it_must_give(served: Served, xmatch: XMatch, small_sky: Sky) -> None:
    first = min(row["name"] for row in small_sky.read("catalogues").to_pylist() if row["catalogue"] == VSX.table)
    assert xmatch.canary() == f"{first} of B/vsx/vsx"
    served.misbehave([{"fault": "ban", "route": "xmatch", "rate": 1.0}])
    assert xmatch.canary() == f"{first} of B/vsx/vsx from TAPVizieR: the cross-match has banned us"
    served.misbehave([{"fault": "empty", "route": "xmatch", "rate": 1.0}])
    with pytest.raises(ArchiveDown, match="without the entry of B/vsx/vsx"):
        xmatch.canary()


@pytest.mark.parametrize("seed", range(4))
def test_in_changing_weather_no_row_is_lost_or_doubled(
    served: Served, objects: pa.Table, truth: dict[str, list[dict[str, object]]], seed: int
) -> None:
    faults = [*EVERYWHERE, "empty", "ban"]
    served.misbehave(
        [
            *({"fault": fault, "route": "xmatch", "rate": 0.05, "seed": seed} for fault in faults),
            {"fault": "row-limit", "route": "xmatch", "rate": 0.3, "limit": 20, "seed": seed},
        ]
    )
    for _ in range(3):
        xmatch = XMatch(within(served.archives, 1.0))
        for listing in LISTINGS:
            assert in_order(xmatch.matched(listing, objects)) == truth[listing.table]
    assert struck(served) > 0
