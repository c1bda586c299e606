"""The checks: each defect is caught by the rule made for it, and nothing is lost on the way."""

import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from starloop.checks.run import check
from starloop.errors import BadInput, CheckFailed, Imbalance
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.store import Home, digest, write_table
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import TABLES, open_sky

NIGHT = Night.parse("2020-04-14")
COUNTED = ("objects", "detections", "non_detections", "releases", "tess", "catalogues")

DEFECTS = [
    ("detections", "oid", None, "oid_not_null"),
    ("detections", "candid", None, "candid_not_null"),
    ("detections", "mjd", None, "mjd_not_null"),
    ("detections", "mjd", 51544.5, "mjd_within_the_run"),
    ("detections", "mjd", NIGHT.end, "mjd_within_the_run"),
    ("detections", "fid", None, "fid_not_null"),
    ("detections", "fid", 4, "fid_is_g_r_i"),
    ("detections", "magpsf", None, "magpsf_not_null"),
    ("detections", "magpsf", float("nan"), "magpsf_not_null"),
    ("detections", "magpsf", 100.0, "magpsf_in_survey_range"),
    ("detections", "magpsf", float("inf"), "magpsf_in_survey_range"),
    ("detections", "magpsf", -999.0, "magpsf_in_survey_range"),
    ("detections", "sigmapsf", None, "sigmapsf_not_null"),
    ("detections", "sigmapsf", 0.0, "sigmapsf_positive_below_one"),
    ("detections", "sigmapsf", 1.0, "sigmapsf_positive_below_one"),
    ("detections", "magpsf_corr", 0.0, "magpsf_corr_in_range_or_sentinel"),
    ("detections", "sigmapsf_corr", 0.0, "sigmapsf_corr_positive"),
    ("detections", "sigmapsf_corr_ext", -1.0, "sigmapsf_corr_ext_positive"),
    ("detections", "isdiffpos", 0.0, "isdiffpos_is_plus_or_minus_one_or_null"),
    ("detections", "rb", 1.5, "rb_between_zero_and_one"),
    ("detections", "drb", -99.0, "drb_between_zero_and_one"),
    ("detections", "ra", 361.0, "ra_in_range"),
    ("detections", "dec", -90.5, "dec_in_range"),
    ("objects", "oid", None, "oid_not_null"),
    ("objects", "ra", None, "ra_not_null"),
    ("objects", "dec", 91.0, "dec_in_range"),
    ("objects", "tic", 0, "tic_positive"),
    ("non_detections", "fid", 0, "fid_is_g_r_i"),
    ("non_detections", "diffmaglim", -1007.5, "diffmaglim_in_survey_range"),
    ("non_detections", "diffmaglim", None, "diffmaglim_not_null"),
    ("non_detections", "mjd", NIGHT.end + 3, "mjd_within_the_run"),
    ("releases", "oid", None, "oid_not_null"),
    ("releases", "query", None, "query_not_null"),
    ("releases", "mjd", NIGHT.end + 3, "mjd_within_the_run"),
    ("releases", "mag", 99.0, "mag_in_survey_range"),
    ("releases", "magerr", 0.0, "magerr_positive"),
    ("releases", "catflags", -1, "catflags_not_negative"),
    ("releases", "filtercode", "zz", "filtercode_is_zg_zr_zi"),
    ("releases", "ra", -0.1, "ra_in_range"),
    ("catalogues", "catalogue", None, "catalogue_not_null"),
    ("catalogues", "oid", None, "oid_not_null"),
    ("catalogues", "period", 0.0, "period_positive"),
    ("catalogues", "redshift", -999.0, "redshift_in_range"),
    ("catalogues", "dec", -91.0, "dec_in_range"),
]


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Give the rows a night would hold of a small simulated sky, without the defects the sky is made with."""
    sky = make_sky(tmp_path_factory.mktemp("sky") / "sky", objects=60, seed=3)
    tables = {table: sky.read(table) for table in TABLES}
    for table in ("detections", "non_detections", "releases"):
        tables[table] = tables[table].filter(pc.less(tables[table]["mjd"], NIGHT.end))
    seen = tables["detections"]
    seen = seen.filter(pc.and_(pc.less(seen["magpsf"], 50.0), pc.greater(seen["sigmapsf"], 0.0)))
    tables["detections"] = pa.Table.from_pandas(
        seen.to_pandas().drop_duplicates(["oid", "candid"]), schema=seen.schema, preserve_index=False
    )
    return tables


def _raw(home: Home, tables: dict[str, pa.Table], night: Night = NIGHT) -> Home:
    for table, rows in tables.items():
        write_table(rows, home.raw(night) / f"{table}.parquet")
    sources = {table: Counts(requested=1, received=1, rows_received=len(tables[table])) for table in COUNTED}
    Ledger(night=str(night), sky="test", sources=sources).save(home.raw(night) / "counts.json")
    return home


def _with(rows: pa.Table, row: int, column: str, value: object) -> pa.Table:
    values = rows[column].to_pylist()
    values[row] = value
    place = rows.schema.get_field_index(column)
    return rows.set_column(place, rows.schema.field(place), pa.array(values, rows.schema.field(place).type))


def _written(home: Home) -> list[str]:
    return sorted(path.name for path in home.root.iterdir())


def test_each_defect_is_caught_by_its_rule_and_kept_whole(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    by_table: dict[str, list[tuple[int, str, object, str]]] = {}
    for table, column, value, rule in DEFECTS:
        planted = by_table.setdefault(table, [])
        planted.append((3 + 2 * len(planted), column, value, rule))
    broken = dict(clean)
    for table, planted in by_table.items():
        for row, column, value, _ in planted:
            broken[table] = _with(broken[table], row, column, value)

    results = check(_raw(Home(tmp_path), broken), NIGHT)

    for table, planted in by_table.items():
        rejected = pq.read_table(Home(tmp_path).quarantine(NIGHT) / f"{table}.parquet")
        assert rejected["rule"].to_pylist() == [rule for *_, rule in planted]
        kept = broken[table].take([row for row, *_ in planted])
        assert rejected.drop_columns("rule").to_pandas().equals(kept.to_pandas())
        good = pq.read_table(Home(tmp_path).good(NIGHT) / f"{table}.parquet")
        assert good.schema.equals(TABLES[table])
        lost = {row for row, *_ in planted}
        assert good.equals(clean[table].take([row for row in range(len(clean[table])) if row not in lost]))
        found = {f["name"]: f["unexpected"] for f in results["expectations"] if f["table"] == table and f["unexpected"]}
        assert found == Counter(rule for *_, rule in planted)


def test_a_row_with_two_defects_names_both_rules(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    broken = _with(_with(clean["detections"], 5, "magpsf", 100.0), 5, "fid", 9)
    check(_raw(Home(tmp_path), clean | {"detections": broken}), NIGHT)
    rejected = pq.read_table(Home(tmp_path).quarantine(NIGHT) / "detections.parquet")
    assert rejected["rule"].to_pylist() == ["magpsf_in_survey_range,fid_is_g_r_i"]


def test_the_sentinel_of_a_missing_correction_is_no_defect(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    marked = _with(_with(clean["detections"], 5, "magpsf_corr", 100.0), 5, "sigmapsf_corr", 100.0)
    check(_raw(Home(tmp_path), clean | {"detections": marked}), NIGHT)
    assert pq.read_metadata(Home(tmp_path).quarantine(NIGHT) / "detections.parquet").num_rows == 0


def test_repeated_rows_are_counted_and_the_ledger_balances(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    twice = {table: pa.concat_tables([rows, rows.slice(0, 7)]) for table, rows in clean.items() if table != "tess"}
    home = _raw(Home(tmp_path), clean | twice)
    check(home, NIGHT)
    ledger = Ledger.load(home.ledger(NIGHT)).balance()
    for table in twice:
        counts = ledger.sources[table]
        assert (counts.duplicate, counts.quarantined, counts.accepted) == (7, 0, len(clean[table])), table
        assert pq.read_table(home.good(NIGHT) / f"{table}.parquet").equals(clean[table])
    assert ledger.sources["tess"].accepted == len(clean["tess"])


def test_rows_lost_since_they_were_received_stop_the_run(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), clean)
    write_table(clean["releases"].slice(1), home.raw(NIGHT) / "releases.parquet")
    with pytest.raises(Imbalance, match="releases"):
        check(home, NIGHT)
    assert _written(home) == ["raw"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda t: t | {"detections": t["detections"].drop_columns("magpsf")}, "lacks the column magpsf"),
        (
            lambda t: t | {"detections": t["detections"].set_column(4, "magpsf", t["detections"]["oid"])},
            "string in the column magpsf",
        ),
        (lambda t: t | {"detections": t["detections"].slice(0, 0)}, "detections of night 2020-04-14 has no good rows"),
        (lambda t: t | {"objects": t["objects"].slice(0, 0)}, "objects of night 2020-04-14 has no good rows"),
        (
            lambda t: t | {"detections": t["detections"].filter(pc.less(t["detections"]["mjd"], NIGHT.begin))},
            "no good detection lies inside",
        ),
        (
            lambda t: t | {"releases": t["releases"].set_column(4, "mag", pa.array([99.0] * len(t["releases"])))},
            "most by mag_in_survey_range",
        ),
    ],
    ids=["missing column", "wrong type", "empty", "no objects", "stale", "too many rejected"],
)
def test_a_table_bad_as_a_whole_stops_the_run_and_nothing_is_written(spoil, said, clean, tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), spoil(clean))
    with pytest.raises(CheckFailed, match=said):
        check(home, NIGHT)
    assert _written(home) == ["raw"]


def test_a_truncated_file_stops_the_run(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), clean)
    path = home.raw(NIGHT) / "detections.parquet"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(CheckFailed, match=r"detections\.parquet cannot be read"):
        check(home, NIGHT)
    assert _written(home) == ["raw"]


def test_a_night_that_was_not_ingested_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has not been ingested"):
        check(Home(tmp_path), NIGHT)


def test_the_same_night_gives_the_same_bytes_again_and_elsewhere(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    first = _raw(Home(tmp_path / "first"), clean)
    check(first, NIGHT)
    before = digest(first.root)
    check(first, NIGHT)
    assert digest(first.root) == before
    second = Home(tmp_path / "second")
    shutil.copytree(first.raw(NIGHT), second.raw(NIGHT))
    check(second, NIGHT)
    assert digest(second.root) == before


def test_the_data_docs_say_which_rule_fired_and_load_nothing(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), clean | {"detections": _with(clean["detections"], 5, "magpsf", 100.0)})
    check(home, NIGHT)
    page = (home.data_docs / f"{NIGHT}.html").read_text()
    assert "magpsf_in_survey_range" in page
    assert "magpsf lies from 7 up to 24" in page
    assert not any(loads in page for loads in ("http:", "https:", "src=", "<link"))
    assert f'href="{NIGHT}.html"' in (home.data_docs / "index.html").read_text()


def test_under_a_hundredth_of_a_real_sky_is_rejected(recorded_sky: Path, tmp_path: Path) -> None:
    sky = open_sky(recorded_sky)
    night = Night.at(sky.last_mjd)
    tables = {table: sky.read(table) for table in TABLES}
    for table in ("detections", "non_detections", "releases"):
        tables[table] = tables[table].filter(pc.less(tables[table]["mjd"], night.end))
    results = check(_raw(Home(tmp_path), tables, night), night)
    for table, counts in results["tables"].items():
        assert counts["quarantined"] < 0.01 * counts["rows_received"], table
    fired = {(fact["table"], fact["name"]) for fact in results["expectations"] if fact["unexpected"]}
    assert fired == {("non_detections", "diffmaglim_in_survey_range")}


def test_a_clouded_night_passes_with_nothing_in_it(clean: dict[str, pa.Table], tmp_path: Path) -> None:
    home = _raw(Home(tmp_path), {table: rows.slice(0, 0) for table, rows in clean.items()})
    check(home, NIGHT)
    ledger = Ledger.load(home.ledger(NIGHT)).balance()
    assert ledger.sources["detections"].accepted == 0
    assert pq.read_metadata(home.good(NIGHT) / "detections.parquet").num_rows == 0
