"""The checks of forced photometry, which a night has only when its alerts came as packets."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.archives.packet_rows import FORCED
from starloop.checks.run import check
from starloop.errors import CheckFailed, Imbalance
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, digest, write_table
from starloop.sky.tables import TABLES

NIGHT = Night.parse("2023-10-12")
ROWS = 400
"""So many that the broken ones are few enough for the table to be used."""
GOOD = {
    "oid": "ZTF23a",
    "fid": 1,
    "ra": 10.0,
    "dec": 20.0,
    "field": 505,
    "rcid": 0,
    "programid": 1,
    "exptime": 30.0,
    "forcediffimflux": -999.0,
    "forcediffimfluxunc": 12.5,
    "magzpsci": 26.25,
    "diffmaglim": 20.5,
    "scisigpix": 5.0,
    "sciinpseeing": 2.5,
    "procstatus": "0",
}
DEFECTS = [
    ("oid", None, "oid_not_null"),
    ("mjd", None, "mjd_not_null"),
    ("mjd", NIGHT.end, "mjd_within_the_run"),
    ("fid", None, "fid_not_null"),
    ("fid", 4, "fid_is_g_r_i"),
    ("ra", 361.0, "ra_in_range"),
    ("dec", None, "dec_not_null"),
    ("dec", -90.5, "dec_in_range"),
    ("programid", None, "programid_not_null"),
    ("programid", 4, "programid_is_known"),
    ("exptime", 0.0, "exptime_positive"),
    ("forcediffimfluxunc", 0.0, "forcediffimfluxunc_positive"),
    ("forcediffimfluxunc", -99999.0, "forcediffimfluxunc_positive"),
    ("magzpsci", 0.0, "magzpsci_in_survey_range"),
    ("diffmaglim", 99.0, "diffmaglim_in_survey_range"),
    ("scisigpix", 0.0, "scisigpix_positive"),
    ("sciinpseeing", -1.0, "sciinpseeing_positive"),
]


def _rows() -> list[dict[str, object]]:
    return [GOOD | {"mjd": NIGHT.begin - n} for n in range(ROWS)]


def _raw(home: Home, forced: list[dict[str, object]] | None) -> Home:
    """Write a night with one object and one detection, and with forced photometry unless it is None."""
    seen = {"oid": "ZTF23a", "candid": "1", "mjd": NIGHT.begin, "fid": 1, "magpsf": 18.5, "sigmapsf": 0.125}
    filled = {"objects": [{"oid": "ZTF23a", "ra": 10.0, "dec": 20.0}], "detections": [seen]}
    tables = {name: pa.Table.from_pylist(filled.get(name, []), schema=schema) for name, schema in TABLES.items()}
    if forced is not None:
        tables["forced"] = pa.Table.from_pylist(forced, schema=FORCED)
    for name, rows in tables.items():
        write_table(rows, home.raw(NIGHT) / f"{name}.parquet")
    sources = {name: Counts(rows_received=len(rows)) for name, rows in tables.items()}
    Ledger(night=str(NIGHT), sky="test", sources=sources).save(home.raw(NIGHT) / "counts.json")
    return home


def test_each_defect_of_forced_photometry_is_caught_by_its_rule_and_kept_whole(tmp_path: Path) -> None:
    rows = _rows()
    broken = [row | {column: value} for row, (column, value, _) in zip(rows, DEFECTS, strict=False)]
    home = _raw(Home(tmp_path), broken + rows[len(broken) :])
    check(home, NIGHT)
    rejected = pq.read_table(home.quarantine(NIGHT) / "forced.parquet")
    assert rejected["rule"].to_pylist() == [rule for *_, rule in DEFECTS]
    assert rejected.drop_columns("rule").to_pylist() == pa.Table.from_pylist(broken, schema=FORCED).to_pylist()
    good = pq.read_table(home.good(NIGHT) / "forced.parquet")
    assert good.equals(pa.Table.from_pylist(rows[len(broken) :], schema=FORCED))
    counts = Ledger.load(home.ledger(NIGHT)).balance().sources["forced"]
    assert (counts.rows_received, counts.quarantined) == (ROWS, len(broken))


def test_an_epoch_that_could_not_be_measured_is_no_defect(tmp_path: Path) -> None:
    undone = GOOD | {"mjd": NIGHT.begin, "forcediffimflux": None, "forcediffimfluxunc": None, "procstatus": "61"}
    home = _raw(Home(tmp_path), [undone])
    check(home, NIGHT)
    assert pq.read_table(home.good(NIGHT) / "forced.parquet")["procstatus"].to_pylist() == ["61"]


def test_an_exposure_in_two_readout_channels_is_two_rows_and_a_repeated_one_is_a_duplicate(tmp_path: Path) -> None:
    rows = _rows()
    home = _raw(Home(tmp_path), [*rows, rows[0] | {"rcid": 1}, rows[0]])
    check(home, NIGHT)
    counts = Ledger.load(home.ledger(NIGHT)).balance().sources["forced"]
    assert (counts.accepted, counts.quarantined, counts.duplicate) == (ROWS + 1, 0, 1)


def test_forced_photometry_bad_as_a_whole_stops_the_run(tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), [row | {"fid": 9} for row in _rows()])
    with pytest.raises(CheckFailed, match="rows of forced of night 2023-10-12 are rejected, most by fid_is_g_r_i"):
        check(home, NIGHT)


def test_a_night_without_packets_has_no_forced_photometry_anywhere(tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), None)
    results = check(home, NIGHT)
    assert "forced" not in results["tables"]
    assert "forced" not in Ledger.load(home.ledger(NIGHT)).sources
    assert not list(home.root.rglob("forced*"))


def test_forced_photometry_that_was_counted_and_is_gone_stops_the_run(tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), _rows())
    (home.raw(NIGHT) / "forced.parquet").unlink()
    with pytest.raises(Imbalance, match=f"forced received {ROWS} rows"):
        check(home, NIGHT)


def test_checking_it_again_gives_the_same_bytes(tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), _rows())
    check(home, NIGHT)
    before = digest(home.root)
    check(home, NIGHT)
    assert digest(home.root) == before
