"""Nights that are refused, silenced, struck or killed, and finished by their next runs."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from starloop.archives.alerce import LISTED
from starloop.archives.config import Archives
from starloop.checks.run import check
from starloop.errors import ArchiveDown
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.ledger import Ledger
from starloop.nights.progress import Step, silent
from starloop.nights.spool import Spool
from starloop.nights.store import Home, digest
from starloop.sky.server.faults import Fault
from starloop.sky.server.host import Served, serving
from starloop.sky.server.spoil import KINDS
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky
from tests.contract.impatience import moved, within
from tests.unit import packet_files

_INGEST = """
import sys
from pathlib import Path
import httpx
from starloop.archives.config import Archives
from starloop.nights.calendar import Night
from starloop.nights.ingest import ingest
from starloop.nights.progress import silent
from starloop.nights.store import Home
archives = Archives.model_validate(httpx.get(f"{sys.argv[3]}/archives").json())
ingest(Home(Path(sys.argv[1])), Night.parse(sys.argv[2]), "wide", archives, silent)
"""


def answers(spooled: Path) -> int:
    """How many answers a spool holds that another process writes."""
    if not spooled.exists():
        return 0
    with sqlite3.connect(f"file:{spooled}?mode=ro", uri=True) as file:
        try:
            return int(file.execute("SELECT count(*) FROM answered").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


@pytest.fixture(scope="module")
def wide_sky(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    """Enough objects for one to be less than two in a hundred of a night's."""
    return make_sky(tmp_path_factory.mktemp("skies") / "wide", objects=400, seed=8, tess=3)


@pytest.fixture(scope="module")
def night(wide_sky: Sky) -> Night:
    """Its busiest night."""
    nights = Counter(int(mjd) for mjd in wide_sky.read("detections")["mjd"].to_pylist() if mjd is not None)
    return Night.at(max(nights, key=lambda mjd: (nights[mjd], mjd)))


@pytest.fixture(scope="module")
def serving_wide(wide_sky: Sky, night: Night) -> Iterator[Served]:
    with serving(wide_sky, night) as server:
        yield server


@pytest.fixture
def wide(serving_wide: Served) -> Iterator[Served]:
    """That night's archives, whose faults are gone after the test."""
    yield serving_wide
    serving_wide.misbehave([])


@pytest.fixture(scope="module")
def clean(serving_wide: Served, night: Night, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The home of the night when nothing went wrong."""
    home = Home(tmp_path_factory.mktemp("clean"))
    ingest(home, night, "wide", serving_wide.archives, silent)
    return home


@pytest.fixture(scope="module")
def whole(clean: Home, night: Night) -> str:
    """The digest of that night."""
    return digest(clean.raw(night))


def finish(home: Home, night: Night, archives: Archives, runs: int = 40) -> int:
    """Run a night again and again until nothing is missing; give the number of runs."""
    for run in range(1, runs + 1):
        try:
            ingest(home, night, "wide", archives, silent)
        except ArchiveDown:
            assert not home.raw(night).exists() or failed(home, night)
            continue
        if not failed(home, night):
            return run
    raise AssertionError(f"the night is not whole after {runs} runs")


def failed(home: Home, night: Night) -> dict[str, str]:
    sources = Ledger.load(home.raw(night) / "counts.json").answered().sources
    return {key: why for source in sources.values() for key, why in source.failures.items()}


def asked(home: Home, night: Night, archive: str) -> int:
    """How many requests the runs of a night that could tell have made."""
    told = json.loads(home.fetch_cost(night).read_text())
    return int(told["archives"].get(archive, {}).get("requests", 0))


def test_an_object_that_is_refused_is_failed_in_the_ledger_and_the_next_run_asks_for_it_alone(
    wide: Served, night: Night, clean: Home, whole: str, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    oid = pq.read_table(clean.raw(night) / "objects.parquet")["oid"][3].as_py()
    assert oid != wide.archives.canaries.oid
    wide.misbehave([Fault(fault="ban", route=f"/ztf/v1/objects/{oid}/lightcurve", count=1)])
    ingest(home, night, "wide", wide.archives, silent)
    wide.misbehave([])
    assert failed(home, night) == {oid: "status 403"}
    check(home, night)
    before = asked(home, night, "ALeRCE")
    assert digest(ingest(home, night, "wide", wide.archives, silent)) == whole
    assert asked(home, night, "ALeRCE") == before + 1
    assert failed(home, night) == {}
    assert not home.fetching(night).exists()
    check(home, night)


def test_too_many_failures_stop_the_night_loudly_and_what_came_is_kept_for_the_next_run(
    wide: Served, night: Night, whole: str, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    wide.misbehave([Fault(fault="usage-fault", route="/cgi-bin/ZTF/nph_light_curves?POS", rate=0.2, seed=5)])
    with pytest.raises(ArchiveDown, match=r"of \d+ epochs of .* could not be fetched .*run the night again"):
        ingest(home, night, "wide", wide.archives, silent)
    wide.misbehave([])
    assert not home.raw(night).exists()
    before = asked(home, night, "ALeRCE")
    assert digest(ingest(home, night, "wide", wide.archives, silent)) == whole
    assert asked(home, night, "ALeRCE") == before


def test_an_archive_that_is_down_does_not_keep_the_others_from_being_asked(
    wide: Served, night: Night, whole: str, tmp_path: Path, nobody: str
) -> None:
    home = Home(tmp_path)
    with pytest.raises(ArchiveDown, match="IRSA"):
        ingest(home, night, "wide", moved(wide.archives, "irsa", nobody), silent)
    before = {name: asked(home, night, name) for name in ("ALeRCE", "BTS", "CDS XMatch", "MAST")}
    assert all(before.values())
    assert digest(ingest(home, night, "wide", wide.archives, silent)) == whole
    assert {name: asked(home, night, name) for name in before} == before


def test_silence_about_what_must_be_there_stops_the_night(wide: Served, night: Night, tmp_path: Path) -> None:
    wide.misbehave([Fault(fault="empty", route="irsa", rate=1.0)])
    with pytest.raises(ArchiveDown, match="where there have always been some"):
        ingest(Home(tmp_path), night, "wide", wide.archives, silent)
    wide.misbehave([])


def test_every_fault_at_once_ends_in_the_bytes_of_a_night_without_any(
    wide: Served, night: Night, whole: str, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    archives = within(wide.archives, 1.0)
    wide.misbehave([Fault(fault=kind, rate=0.02, seed=11) for kind in KINDS])
    finish(home, night, archives)
    wide.misbehave([])
    assert digest(home.raw(night)) == whole
    faults = [told["faults"] for told in json.loads(home.fetch_cost(night).read_text())["archives"].values()]
    assert sum(sum(told.values()) for told in faults) > 20


def test_killed_at_any_point_it_asks_only_for_what_is_missing_and_ends_in_the_same_bytes(
    wide_sky: Sky, wide: Served, night: Night, whole: str, tmp_path: Path
) -> None:
    home = Home(tmp_path)
    spooled = home.fetching(night) / "answers.sqlite"
    reached = 0
    for wait in (0.0, 0.2, 0.4):
        worker = subprocess.Popen([sys.executable, "-c", _INGEST, str(tmp_path), str(night), wide.url])
        until = time.monotonic() + 60
        while worker.poll() is None and time.monotonic() < until and answers(spooled) <= reached:
            time.sleep(0.02)
        time.sleep(wait)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        reached = answers(spooled)
    assert reached > 0
    assert not home.raw(night).exists()
    with Spool(spooled) as spool:
        missing = len(spool.read("listed", "listed", LISTED)) - len(spool.known("alerts"))
    assert digest(ingest(home, night, "wide", wide.archives, silent)) == whole
    assert asked(home, night, "ALeRCE") == missing


def test_a_sample_stands_beside_the_night_and_holds_as_many_objects_as_were_asked_for(
    wide: Served, night: Night, tmp_path: Path
) -> None:
    home = Home(tmp_path, sample=7)
    folder = ingest(home, night, "wide", wide.archives, silent)
    assert folder == tmp_path / "raw" / f"{night}-sample-7"
    assert len(pq.read_table(folder / "objects.parquet")) == 7
    assert failed(home, night) == {}
    again = asked(home, night, "ALeRCE")
    assert ingest(home, night, "wide", wide.archives, silent) == folder
    assert asked(home, night, "ALeRCE") == again


def test_progress_tells_every_source_to_its_end(wide: Served, night: Night, tmp_path: Path) -> None:
    steps: list[Step] = []
    ingest(Home(tmp_path), night, "wide", wide.archives, steps.append)
    last = {step.source: step for step in steps}
    assert list(last) == ["alerts", "epochs", "recount", "catalogues", "tic", "tess"]
    assert all(step.done == step.total > 0 for step in last.values())
    assert last["alerts"].requests >= last["alerts"].total
    assert last["alerts"].received_bytes > 100_000


def test_a_night_of_alert_packets_is_ingested_without_alerce_and_repaired_when_a_broken_packet_is_replaced(
    wide: Served, tmp_path: Path, nobody: str
) -> None:
    folder, home = tmp_path / "packets", Home(tmp_path / "home")
    for number in range(60):
        seen = packet_files.detection(1000 + number, ra=10.0 + number)
        history = {"fp_hists": [packet_files.epoch(packet_files.JD)]}
        packet_files.write(folder / f"{number}.avro", packet_files.packet(seen, oid=f"ZTF23aaa{number:04}", **history))
    good = (folder / "7.avro").read_bytes()
    (folder / "7.avro").write_bytes(good[:100])
    archives = moved(wide.archives, "alerce", nobody).model_copy(update={"packets": folder})
    raw = ingest(home, packet_files.NIGHT, "wide", archives, silent)
    assert list(failed(home, packet_files.NIGHT)) == ["7.avro"]
    check(home, packet_files.NIGHT)
    (folder / "7.avro").write_bytes(good)
    assert ingest(home, packet_files.NIGHT, "wide", archives, silent) == raw
    assert failed(home, packet_files.NIGHT) == {}
    assert {name: len(pq.read_table(raw / f"{name}.parquet")) for name in ("objects", "detections", "forced")} == {
        "objects": 60,
        "detections": 60,
        "forced": 60,
    }
    check(home, packet_files.NIGHT)
