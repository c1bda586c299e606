"""TESS light curves through astroquery and lightkurve, in every weather, and the cache of their files."""

import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from starloop.archives.line import Unavailable
from starloop.archives.mast import Mast
from starloop.archives.rounds import Answer, each
from starloop.archives.tess import Tess
from starloop.errors import ArchiveDown
from starloop.nights.calendar import Night
from starloop.nights.store import digest
from starloop.sky.server.host import Served, serving
from starloop.sky.tables import TESS, Sky
from tests.contract import mast_weather as weather
from tests.contract.portal import complete, portal

pytestmark = pytest.mark.filterwarnings("error")

Row = dict[str, Any]


@pytest.fixture(scope="module")
def sky(small_sky: Sky, tmp_path_factory: pytest.TempPathFactory) -> Sky:
    """The small sky, whose star with a light curve has another one of a later sector."""
    (row,) = small_sky.read("tess").to_pylist()
    later = row | {"obs_id": f"{row['obs_id']}2", "filename": f"2{row['filename']}", "sector": row["sector"] + 1}
    later |= {"t_min": row["t_min"] + 27, "t_max": row["t_max"] + 27}
    copy = weather.with_table(small_sky, tmp_path_factory.mktemp("skies") / "two", "tess", [row, later])
    shutil.copy(copy.folder / "tess" / row["filename"], copy.folder / "tess" / later["filename"])
    return copy


@pytest.fixture(scope="module")
def server(sky: Sky) -> Iterator[Served]:
    with serving(sky, None) as served:
        yield served


@pytest.fixture(autouse=True)
def fair(server: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No fault and no clock is left behind, and nobody but the archive was asked: no resolver of names."""
    elsewhere = weather.stay_here(monkeypatch)
    yield
    server.misbehave([])
    server.move(None)
    assert elsewhere == []


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def tess(server: Served, cache: Path) -> Tess:
    """A client with a deadline of a second."""
    return Tess(Mast(weather.impatient(server)), cache)


@pytest.fixture(scope="module")
def rows(sky: Sky) -> list[Row]:
    """The star's light curves, earlier first."""
    found: list[Row] = sky.read("tess").to_pylist()
    return found


def test_light_curves_are_listed_and_their_files_kept_as_they_are(
    sky: Sky, tess: Tess, cache: Path, rows: list[Row]
) -> None:
    found = tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"]))
    assert found.schema == TESS
    assert found.to_pylist() == rows
    assert digest(cache) == digest(sky.folder / "tess")


def test_a_light_curve_counts_once_it_is_over(tess: Tess, cache: Path, rows: list[Row]) -> None:
    over = Night.at(rows[0]["t_max"])
    assert tess.light_curves(rows[0]["tic"], over.back(1)).num_rows == 0
    assert not cache.exists()
    assert tess.light_curves(rows[0]["tic"], over).to_pylist() == rows[:1]


def test_a_new_sector_is_seen_by_a_process_that_asked_before(server: Served, tess: Tess, rows: list[Row]) -> None:
    tic, last = rows[0]["tic"], Night.at(rows[-1]["t_max"])
    server.move(Night.at(rows[0]["t_max"]))
    assert tess.light_curves(tic, last).to_pylist() == rows[:1]
    server.move(last)
    assert tess.light_curves(tic, last).to_pylist() == rows


def test_a_star_without_light_curves_costs_one_request_and_one_that_is_cached_two(tess: Tess, rows: list[Row]) -> None:
    tic, last = rows[0]["tic"], Night.at(rows[-1]["t_max"])
    tess.light_curves(tic, last)  # astroquery has learnt the columns of the portal's tables
    before = tess.line.tally.requests
    assert tess.light_curves(7, last).num_rows == 0
    assert tess.line.tally.requests - before == 1
    assert tess.light_curves(tic, last).to_pylist() == rows
    assert tess.line.tally.requests - before == 3


def test_threads_may_share_a_client(tess: Tess, cache: Path, rows: list[Row]) -> None:
    tics = [rows[0]["tic"], 7, 8, 9]
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda tic: tess.light_curves(tic, Night.at(rows[-1]["t_max"])).num_rows, tics))
    assert counts == [2, 0, 0, 0]
    assert len(list(cache.iterdir())) == 2


def test_nothing_is_printed(tess: Tess, rows: list[Row], capfd: pytest.CaptureFixture[str]) -> None:
    tess.canary()
    tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"]))
    tess.light_curves(7, Night.at(rows[-1]["t_max"]))
    assert capfd.readouterr() == ("", "")


def test_the_canary_is_a_search_without_a_download(tess: Tess, cache: Path, rows: list[Row], server: Served) -> None:
    assert tess.canary() == f"light curves of TIC {rows[0]['tic']}: 2"
    assert not cache.exists()
    none = server.archives.model_copy(update={"canaries": server.archives.canaries.model_copy(update={"tic": None})})
    assert Tess(Mast(none), cache).canary() is None


def test_a_silent_archive_is_caught_by_the_canary(
    server: Served, tess: Tess, rows: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_waiting(monkeypatch)
    server.misbehave([{"fault": "empty", "route": "mast", "rate": 1.0}])
    assert tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"])).num_rows == 0
    with pytest.raises(ArchiveDown, match=f"no light curve of TIC {rows[0]['tic']}, which has always had some"):
        tess.canary()


@pytest.mark.parametrize("fault", sorted(weather.PASSING))
def test_a_passing_fault_is_waited_out(
    server: Served, tess: Tess, cache: Path, rows: list[Row], fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_waiting(monkeypatch)
    server.misbehave([{"fault": fault, "route": "mast", "count": 2}])
    found = tess.line.ask(lambda: tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"])))
    assert found.to_pylist() == rows
    assert sorted(path.name for path in cache.iterdir()) == sorted(row["filename"] for row in rows)


INVOKE, DOWNLOAD = "/api/v0/invoke", "/api/v0.1/Download/file"
LASTING = sorted(weather.PASSING | weather.REFUSING)


@pytest.mark.parametrize(
    ("route", "fault"),
    [(INVOKE, fault) for fault in LASTING]
    + [(DOWNLOAD, fault) for fault in LASTING if fault not in ("error-status", "executing")],
)
def test_a_lasting_fault_is_said_in_time_and_leaves_no_file(
    server: Served, tess: Tess, cache: Path, rows: list[Row], route: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_patience(monkeypatch)
    server.misbehave([{"fault": fault, "route": route, "rate": 1.0}])
    weather.raises_clearly(lambda: tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"])), 8)
    assert not cache.exists() or list(cache.iterdir()) == []


@pytest.mark.parametrize("fault", sorted(weather.HARMLESS))
def test_a_harmless_fault_changes_nothing(server: Served, tess: Tess, rows: list[Row], fault: str) -> None:
    server.misbehave([{"fault": fault, "route": "mast", "rate": 1.0}])
    assert tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"])).to_pylist() == rows


def test_a_poisoned_file_is_set_aside_and_fetched_anew(sky: Sky, tess: Tess, cache: Path, rows: list[Row]) -> None:
    cache.mkdir()
    (cache / rows[0]["filename"]).touch()
    shutil.copy(sky.folder / "tess" / rows[1]["filename"], cache)
    assert tess.light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"])).to_pylist() == rows
    (aside,) = (cache / "quarantine").iterdir()
    assert aside.name.startswith(rows[0]["filename"])
    assert aside.stat().st_size == 0
    shutil.rmtree(cache / "quarantine")
    assert digest(cache) == digest(sky.folder / "tess")


@pytest.mark.parametrize(
    ("mission", "larger", "why"), [("TESS", 1, "came broken: .* of .* bytes"), ("Gaia", 0, "lightkurve cannot read")]
)
def test_a_file_is_not_kept_unless_it_has_its_size_and_lightkurve_reads_it(
    sky: Sky, tmp_path: Path, cache: Path, rows: list[Row], mission: str, larger: int, why: str
) -> None:
    from astropy.io import fits

    copy = weather.with_table(sky, tmp_path / "odd", "tess", [rows[0] | {"size": rows[0]["size"] + larger}])
    with fits.open(copy.folder / "tess" / rows[0]["filename"], mode="update") as opened:
        opened[0].header["TELESCOP"] = mission
    with serving(copy, None) as odd, pytest.raises(Unavailable, match=why):
        Tess(Mast(odd.archives), cache).light_curves(rows[0]["tic"], Night.at(rows[-1]["t_max"]))
    assert list(cache.iterdir()) == []


class Notes:
    """A journal in memory."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}

    def known(self, source: str) -> set[str]:
        return set(self.answers)

    def put(self, source: str, key: str, answer: Mapping[str, pa.Table]) -> None:
        self.answers[key] = answer


@pytest.mark.parametrize("seed", range(3))
def test_asked_in_rounds_every_star_has_its_light_curves_though_every_twentieth_answer_has_each_fault(
    server: Served, tess: Tess, rows: list[Row], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    weather.without_waiting(monkeypatch)
    faults = sorted(weather.FAULTS - weather.REFUSING)
    server.misbehave([{"fault": fault, "route": "mast", "rate": 0.05, "seed": seed} for fault in faults])
    notes = Notes()
    keys = [str(rows[0]["tic"]), "7", "8"]
    failures = each(
        tess.line,
        "tess",
        keys,
        lambda tic: {"tess": tess.light_curves(int(tic), Night.at(rows[-1]["t_max"]))},
        notes,
        lambda done, total: None,
        tess.canary,
    )
    assert failures == {}
    assert {key for key, answer in notes.answers.items() if answer} == {keys[0]}
    assert notes.answers[keys[0]]["tess"].to_pylist() == rows


OBSERVATION = {
    "obs_id": "tess-s0001", "obsid": 11, "sequence_number": 1, "t_exptime": 120.0, "provenance_name": "SPOC",
    "s_ra": 10.0, "s_dec": 5.0, "t_min": 58800.0, "t_max": 58827.0, "dataURL": "mast:TESS/product/a_lc.fits",
}  # fmt: skip
SUMMARY = OBSERVATION | {"obs_id": "tess-s0001-s0009", "obsid": 12, "dataURL": "mast:TESS/product/a_dvt.fits"}
CURVE = {"obs_id": "tess-s0001", "productFilename": "a_lc.fits", "dataURI": "mast:TESS/product/a_lc.fits", "size": 9}
PIXELS = CURVE | {"productFilename": "a_tp.fits", "dataURI": "mast:TESS/product/a_tp.fits"}
SEARCHED = CURVE | {"obs_id": SUMMARY["obs_id"], "productFilename": "a_dvt.fits", "dataURI": SUMMARY["dataURL"]}
AFTER = Night.at(58828)


def dictated(observations: list[Row], products: list[Row]) -> Any:
    """Run a portal with these observations and this list of files."""
    return portal(lambda service: complete(*(products if service == "Mast.Caom.Products" else observations)))


@pytest.mark.parametrize(
    ("observation", "products"),
    [(OBSERVATION, products) for products in ([], [SEARCHED], [PIXELS], [CURVE | {"obs_id": "another"}])]
    + [(SUMMARY, products) for products in ([], [CURVE])],
)
def test_a_list_that_lacks_the_files_of_an_observation_is_not_believed(
    observation: Row, products: list[Row], cache: Path
) -> None:
    why = f"lacks those of {observation['obs_id']}$"
    with dictated([observation], products) as told, pytest.raises(Unavailable, match=why):
        Tess(Mast(told.archives), cache).light_curves(7, AFTER)


@pytest.mark.parametrize("missing", sorted(OBSERVATION))
def test_an_observation_without_a_key_gives_no_row(missing: str, cache: Path) -> None:
    observation = {key: value for key, value in OBSERVATION.items() if key != missing}
    with dictated([observation], [CURVE]) as told, pytest.raises(Unavailable, match="malformed"):
        Tess(Mast(told.archives), cache).light_curves(7, AFTER)


@pytest.mark.parametrize("missing", sorted(CURVE))
def test_a_file_without_a_key_gives_no_row(missing: str, cache: Path) -> None:
    product = {key: value for key, value in CURVE.items() if key != missing}
    with dictated([OBSERVATION], [product]) as told, pytest.raises(Unavailable, match=r"malformed|lacks"):
        Tess(Mast(told.archives), cache).light_curves(7, AFTER)


def test_a_portal_that_forgot_its_columns_is_worth_asking_again(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("astroquery.mast.discovery_portal.PortalAPI._column_configs", {})
    with portal(lambda service: complete(), columns=()) as told, pytest.raises(Unavailable, match="InvalidQueryError"):
        Tess(Mast(told.archives), cache).light_curves(7, AFTER)


def test_a_file_cannot_be_named_out_of_the_cache(cache: Path) -> None:
    product = CURVE | {"productFilename": "../a_lc.fits"}
    with dictated([OBSERVATION], [product]) as told, pytest.raises(Unavailable, match="is not the name of a file"):
        Tess(Mast(told.archives), cache).light_curves(7, AFTER)


def test_the_portal_is_asked_for_the_bare_number_and_a_search_for_planets_is_no_light_curve(cache: Path) -> None:
    with dictated([SUMMARY], [SEARCHED]) as told:
        assert Tess(Mast(told.archives), cache).light_curves(74534430, AFTER).num_rows == 0
    assert {"paramName": "target_name", "values": ["74534430"]} in told.asked[0]["params"]["filters"]
