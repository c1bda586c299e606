"""Ingesting through the real clients from the archive server."""

import socket
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pyarrow.parquet as pq
import pytest
from pydantic import SecretStr

from starloop.archives import mast, tess
from starloop.archives.http import Archive, client, get, ping
from starloop.errors import ArchiveDown, BadInput
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.ledger import Ledger
from starloop.nights.store import Home, digest
from starloop.settings import Archives
from starloop.sky.server.host import serving
from starloop.sky.tables import TABLES, Sky


def quiet(archive: str, done: int, total: int) -> None:
    """Take progress without showing it."""


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
    ingest(home, busiest, "small", archives, quiet)
    return home


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nothing answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


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
    assert digest(ingest(again, busiest, "small", archives, quiet)) == digest(home.raw(busiest))
    dead = archives.model_copy(update={"alerce_url": nobody})
    assert ingest(again, busiest, "small", dead, quiet) == again.raw(busiest)


def test_a_night_changed_by_hand_is_refused(busiest: Night, archives: Archives, tmp_path: Path) -> None:
    home = Home(tmp_path)
    folder = ingest(home, busiest, "small", archives, quiet)
    (folder / "tess.parquet").write_bytes(b"")
    with pytest.raises(BadInput, match="was changed after it was ingested"):
        ingest(home, busiest, "small", archives, quiet)


@pytest.mark.parametrize("archive", ["alerce", "irsa", "xmatch", "mast"])
def test_a_dead_archive_is_named_and_leaves_no_night(
    busiest: Night, archives: Archives, tmp_path: Path, nobody: str, archive: str
) -> None:
    dead = archives.model_copy(update={f"{archive}_url": nobody})
    with pytest.raises(ArchiveDown, match=f"STARLOOP_ARCHIVES__{archive.upper()}_URL"):
        ingest(Home(tmp_path), busiest, "small", dead, quiet)
    assert list((tmp_path / "raw").iterdir()) == []


def test_a_star_is_found_in_the_tic_and_its_tess_light_curve_is_downloaded_once_it_is_over(
    small_sky: Sky, tmp_path: Path
) -> None:
    (file,) = small_sky.read("tess").to_pylist()
    ends = Night.at(file["t_max"])
    with serving(small_sky, None) as server:
        mast.point(server.archives)
        tic = mast.nearest_tic(server.archives, file["ra"], file["dec"])
        before = tess.light_curves(server.archives, tic, ends.back(1), tmp_path)
        after = tess.light_curves(server.archives, tic, ends, tmp_path)
    assert before.num_rows == 0
    assert after.to_pylist() == [file]
    assert [path.name for path in tmp_path.iterdir()] == [file["filename"]]
    assert digest(tmp_path / file["filename"]) == digest(small_sky.folder / "tess" / file["filename"])


def test_a_token_is_shown_to_mast_and_a_refused_one_is_named_but_not_told(archives: Archives) -> None:
    mast.point(archives.model_copy(update={"mast_token": SecretStr("0123456789abcdef" * 2)}))
    with pytest.raises(BadInput, match="does not accept the token in MAST_API_TOKEN") as refused:
        mast.point(archives.model_copy(update={"mast_token": SecretStr("out of date")}))
    assert "out of date" not in str(refused.value)


def test_every_archive_answers_a_ping_and_a_dead_one_is_named(archives: Archives, nobody: str) -> None:
    ping(archives)
    with pytest.raises(ArchiveDown, match=r"IRSA at .* does not answer .*STARLOOP_ARCHIVES__IRSA_URL"):
        ping(archives.model_copy(update={"irsa_url": nobody}))


def test_an_overloaded_archive_is_asked_again_and_a_refusal_is_not() -> None:
    answers = [503, 429, 200, 404]
    asked = []

    class Overloaded(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(answers[len(asked) - 1])
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Overloaded) as server, client(5) as session:
        Thread(target=server.serve_forever, daemon=True).start()
        archive = Archive("X", f"http://127.0.0.1:{server.server_port}", "STARLOOP_X", 5)
        assert get(session, archive, {}) == b"ok"
        answered, failures = archive.each(map(str, range(100)), lambda key: key, 2, lambda done, total: None)
        assert (len(answered), failures) == (100, {})
        with pytest.raises(ArchiveDown, match=r"1 of 1 requests failed.*404"):
            archive.each(["ZTF1"], lambda _: get(session, archive, {}), 1, lambda done, total: None)
        server.shutdown()
    assert len(asked) == 4
