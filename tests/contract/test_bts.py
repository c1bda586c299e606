"""The Bright Transient Survey's list, well and unwell: it is whole, or it is not believed."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from starloop.archives.bts import Bts
from starloop.archives.config import ArchiveSettings
from starloop.archives.line import Banned, Refused
from starloop.errors import ArchiveDown
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import CATALOGUES, OBJECTS, Sky, open_sky
from tests.contract.impatience import EVERYWHERE, in_order, saying, struck, within

HEADER = "ZTFID,IAUID,RA,Dec,peakt,type,redshift\n"
Serve = Callable[[int], AbstractContextManager[Served]]


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
def bts(served: Served) -> Bts:
    return Bts(within(served.archives, 1.0))


@pytest.fixture(scope="module")
def objects(small_sky: Sky) -> pa.Table:
    return small_sky.read("objects")


@pytest.fixture(scope="module")
def truth(small_sky: Sky) -> list[tuple[object, ...]]:
    """Name, type, redshift and oid of the transients, from the sky's own files."""
    rows = [row for row in small_sky.read("catalogues").to_pylist() if row["catalogue"] == "BTS"]
    return sorted((row["name"], row["type"], row["redshift"], row["oid"]) for row in rows)


@pytest.fixture
def with_transients(small_sky: Sky, tmp_path: Path) -> Serve:
    """Serve the small sky with so many transients, one at each degree of right ascension."""

    @contextmanager
    def serve(number: int) -> Iterator[Served]:
        folder = tmp_path / f"{number}"
        shutil.copytree(small_sky.folder, folder)
        rows = [
            {"catalogue": "BTS", "name": f"SN2020a{n:03}", "ra": float(n), "dec": 5.0, "type": "SN Ia"}
            | {"oid": f"ZTF20aaaa{n:03}"}
            for n in range(number)
        ]
        pq.write_table(pa.Table.from_pylist(rows, schema=CATALOGUES), folder / "catalogues.parquet")
        with serving(open_sky(folder), None) as server:
            yield server

    return serve


def told(rows: pa.Table) -> list[tuple[object, ...]]:
    return sorted((row["name"], row["type"], row["redshift"], row["oid"]) for row in rows.to_pylist())


def listing(text: str) -> AbstractContextManager[str]:
    return saying((HEADER + text).encode())


def ask(url: str, objects: pa.Table, served: Served) -> pa.Table:
    """Ask whoever answers at an address, without a canary."""
    archives = served.archives.model_copy(update={"bts": ArchiveSettings(url=url, rate_per_s=None, deadline_s=1.0)})
    canaries = archives.canaries.model_copy(update={"transient": None})
    return Bts(archives.model_copy(update={"canaries": canaries})).matched(objects)


def place(oid: str, ra: float, dec: float) -> pa.Table:
    return pa.Table.from_pylist([{"oid": oid, "ra": ra, "dec": dec}], schema=OBJECTS)


def test_every_transient_among_the_objects_comes_once(
    bts: Bts, objects: pa.Table, truth: list[tuple[object, ...]]
) -> None:
    found = bts.matched(objects)
    assert found.schema == CATALOGUES
    assert truth
    assert told(found) == truth
    assert bts.line.tally.requests == 1


def test_another_name_is_matched_by_position_within_two_arcsec(served: Served) -> None:
    with listing("ZTF20zzzzzzz,SN2020a,10:00:00.00,-00:30:00.0,-,SN Ia,0.05\n") as url:
        (row,) = ask(url, place("ZTF20aaaaaaa", 150.0, -0.5 + 1.9 / 3600), served).to_pylist()
        assert row == {
            "catalogue": "BTS", "name": "SN2020a", "ra": 150.0, "dec": -0.5, "type": "SN Ia", "period": None,
            "redshift": 0.05, "oid": "ZTF20aaaaaaa",
        }  # fmt: skip
        assert ask(url, place("ZTF20aaaaaaa", 150.0, -0.5 + 2.1 / 3600), served).num_rows == 0


def test_dashes_and_nothing_are_nulls_and_decimal_positions_are_read_too(served: Served) -> None:
    with listing("ZTF20aaaaaaa,-, 150.25 ,-0.5,-,-,\nZTF20aaaaaab,,-,-,-,SN II,-\n") as url:
        found = ask(url, pa.concat_tables([place("ZTF20aaaaaaa", 1, 2), place("ZTF20aaaaaab", 3, 4)]), served)
    assert [tuple(row.values())[1:] for row in found.to_pylist()] == [
        ("ZTF20aaaaaaa", 150.25, -0.5, None, None, None, "ZTF20aaaaaaa"),
        ("ZTF20aaaaaab", None, None, "SN II", None, None, "ZTF20aaaaaab"),
    ]


@pytest.mark.parametrize("fault", [*EVERYWHERE, "empty", "html", "row-limit"])
def test_after_one_fault_the_list_is_whole(
    served: Served, bts: Bts, objects: pa.Table, truth: list[tuple[object, ...]], fault: str
) -> None:
    limit = {"limit": len(truth) - 1} if fault == "row-limit" else {}
    served.misbehave([{"fault": fault, "route": "bts", "count": 1} | limit])
    assert told(bts.matched(objects)) == truth
    assert (struck(served), bts.line.tally.requests) == (1, 2)


@pytest.mark.parametrize("fault", [*EVERYWHERE, "empty", "html", "row-limit"])
def test_a_fault_that_stays_ends_in_a_sentence(
    served: Served, objects: pa.Table, truth: list[tuple[object, ...]], fault: str
) -> None:
    limit = {"limit": len(truth) - 1} if fault == "row-limit" else {}
    served.misbehave([{"fault": fault, "route": "bts", "rate": 1.0} | limit])
    with pytest.raises(ArchiveDown, match=r"BTS at .* try again later, or check STARLOOP_ARCHIVES__BTS__URL"):
        Bts(within(served.archives, 0.1)).matched(objects)


def test_a_ban_is_a_refusal(served: Served, bts: Bts, objects: pa.Table) -> None:
    served.misbehave([{"fault": "ban", "route": "bts", "rate": 1.0}])
    with pytest.raises(Banned, match="403"):
        bts.matched(objects)


def test_a_list_of_just_fifty_is_asked_for_twice_and_then_believed(with_transients: Serve) -> None:
    with with_transients(50) as server:
        bts = Bts(server.archives)
        assert bts.matched(place("ZTF20aaaa049", 49.0, 5.0)).num_rows == 1
        assert bts.line.tally.requests == 2


def test_a_longer_list_that_is_always_cut_at_fifty_is_not_believed(with_transients: Serve) -> None:
    with with_transients(60) as server:
        server.misbehave([{"fault": "row-limit", "route": "bts", "rate": 1.0, "limit": 50}])
        with pytest.raises(ArchiveDown, match="a list without ZTF20aaaa059"):
            Bts(server.archives).matched(place("ZTF20aaaa001", 1.0, 5.0))


def test_a_sky_without_transients_says_so_twice(with_transients: Serve, objects: pa.Table) -> None:
    with with_transients(0) as server:
        bts = Bts(server.archives)
        assert bts.matched(objects).num_rows == 0
        assert bts.line.tally.requests == 2
        assert bts.canary() is None


@pytest.mark.parametrize("text", ["<html><body>Down</body></html>", "", "oid,ra\n1,2\n"])
def test_a_page_that_is_no_list_is_not_believed(served: Served, objects: pa.Table, text: str) -> None:
    with saying(text.encode()) as url, pytest.raises(ArchiveDown, match="a page that is not a list in CSV"):
        ask(url, objects, served)


@pytest.mark.parametrize(
    "text",
    [
        "ZTFID,RA\nZTF20aaaaaaa,1\n",
        HEADER + "ZTF20aaaaaaa,SN2020a,1.0,2.0,-,SN Ia,0.05,and more\n",
        HEADER + "ZTF20aaaaaaa,SN2020a,1.0,2.0,-,SN Ia,near\n",
        HEADER + "ZTF20aaaaaaa,SN2020a,east,2.0,-,SN Ia,-\n",
    ],
    ids=["columns", "cells", "redshift", "position"],
)
def test_a_list_that_is_another_than_known_is_refused(served: Served, objects: pa.Table, text: str) -> None:
    with saying(text.encode()) as url, pytest.raises(Refused, match="its list is not as starloop knows it"):
        ask(url, objects, served)


def test_the_canary_is_a_transient_of_the_list(bts: Bts, truth: list[tuple[object, ...]], served: Served) -> None:
    assert bts.canary() == f"{len(truth)} transients, {served.archives.canaries.transient} among them"


@pytest.mark.parametrize("seed", range(4))
def test_in_changing_weather_no_row_is_lost_or_doubled(
    served: Served, objects: pa.Table, truth: list[tuple[object, ...]], seed: int
) -> None:
    faults = [*EVERYWHERE, "empty", "html"]
    served.misbehave([{"fault": fault, "route": "bts", "rate": 0.03, "seed": seed} for fault in faults])
    bts = Bts(within(served.archives, 1.0))
    for _ in range(10):
        assert told(bts.matched(objects)) == truth
    assert struck(served) > 0


def test_the_recorded_list_names_every_transient_of_the_recorded_sky(recorded: Served, recorded_sky: Path) -> None:
    sky = open_sky(recorded_sky)
    expected = sky.read("catalogues")
    expected = expected.filter(pc.equal(expected["catalogue"], "BTS"))
    found = Bts(recorded.archives).matched(sky.read("objects"))
    assert in_order(found.select(["oid", "type", "redshift"])) == in_order(expected.select(["oid", "type", "redshift"]))
