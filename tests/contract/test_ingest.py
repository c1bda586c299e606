"""Ingesting through the real clients from the archive server."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from starloop.archives.config import Archives
from starloop.errors import ArchiveDown, BadInput
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.ledger import Ledger
from starloop.nights.progress import silent
from starloop.nights.store import Home, digest
from starloop.sky.server.host import serving
from starloop.sky.tables import TABLES, Sky
from tests.contract.impatience import moved


@pytest.fixture(scope="module")
def busiest(small_sky: Sky) -> Night:
    """The night with the most detections."""
    nights = Counter(int(mjd) for mjd in small_sky.read("detections")["mjd"].to_pylist() if mjd is not None)
    return Night.at(max(nights, key=lambda mjd: (nights[mjd], mjd)))


@pytest.fixture(scope="module")
def archives(small_sky: Sky, busiest: Night) -> Iterator[Archives]:
    """The archives on the busiest night."""
    with serving(small_sky, busiest) as server:
        yield server.archives


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, busiest: Night, archives: Archives) -> Home:
    """A home with that night in it."""
    home = Home(tmp_path_factory.mktemp("home"))
    ingest(home, busiest, "small", archives, silent)
    return home


def test_a_night_holds_the_whole_light_curve_of_exactly_its_active_objects(
    small_sky: Sky, busiest: Night, home: Home
) -> None:
    detections = small_sky.read("detections").to_pylist()
    past = [row for row in detections if row["mjd"] is None or row["mjd"] < busiest.end]
    active = {row["oid"] for row in past if row["mjd"] is not None and row["mjd"] >= busiest.begin}
    got = pq.read_table(home.raw(busiest) / "detections.parquet").to_pylist()
    assert {row["oid"] for row in got} == active
    assert Counter(row["candid"] for row in got) == Counter(row["candid"] for row in past if row["oid"] in active)


def test_every_table_has_its_schema_and_the_counts_of_objects_add_up(busiest: Night, home: Home) -> None:
    ledger = Ledger.load(home.raw(busiest) / "counts.json")
    for name, schema in TABLES.items():
        table = pq.read_table(home.raw(busiest) / f"{name}.parquet")
        assert table.schema.equals(schema)
        assert table.num_rows == ledger.sources[name].rows_received
    for counts in ledger.sources.values():
        assert counts.requested == counts.received + counts.empty + counts.failed
        assert counts.failed == len(counts.failures)


def test_catalogue_entries_are_those_of_the_nights_objects(small_sky: Sky, busiest: Night, home: Home) -> None:
    raw = home.raw(busiest)
    oids = set(pq.read_table(raw / "objects.parquet")["oid"].to_pylist())
    truth = {
        (row["oid"], row["catalogue"], row["type"])
        for row in small_sky.read("catalogues").to_pylist()
        if row["oid"] in oids
    }
    got = pq.read_table(raw / "catalogues.parquet").to_pylist()
    assert {(row["oid"], row["catalogue"], row["type"]) for row in got} == truth


def test_a_catalogue_without_entries_is_empty_and_not_failed(busiest: Night, home: Home) -> None:
    counts = Ledger.load(home.raw(busiest) / "counts.json").sources["catalogues"]
    assert (counts.empty, counts.failed, counts.failures) == (1, 0, {})


def test_ingesting_again_elsewhere_gives_the_same_bytes_and_here_asks_nobody(
    busiest: Night, home: Home, archives: Archives, tmp_path: Path, nobody: str
) -> None:
    again = Home(tmp_path / home.root.name)
    assert digest(ingest(again, busiest, "small", archives, silent)) == digest(home.raw(busiest))
    dead = moved(archives, "alerce", nobody)
    assert ingest(again, busiest, "small", dead, silent) == again.raw(busiest)


def test_a_night_changed_by_hand_is_refused(busiest: Night, archives: Archives, tmp_path: Path) -> None:
    home = Home(tmp_path)
    folder = ingest(home, busiest, "small", archives, silent)
    (folder / "tess.parquet").write_bytes(b"")
    with pytest.raises(BadInput, match="was changed after it was ingested"):
        ingest(home, busiest, "small", archives, silent)


@pytest.mark.parametrize("archive", ["alerce", "irsa", "xmatch", "mast"])
def test_a_dead_archive_is_named_and_leaves_no_night(
    busiest: Night, archives: Archives, tmp_path: Path, nobody: str, archive: str
) -> None:
    home = Home(tmp_path)
    with pytest.raises(ArchiveDown, match=f"STARLOOP_ARCHIVES__{archive.upper()}__URL"):
        ingest(home, busiest, "small", moved(archives, archive, nobody), silent)
    assert not home.raw(busiest).exists()
    assert not home.seal(busiest).exists()
