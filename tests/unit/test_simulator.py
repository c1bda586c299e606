"""The simulated sky: the same bytes each time, busy nights, and rows as the survey makes them."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from starloop.errors import BadInput
from starloop.nights.calendar import Night
from starloop.sky.simulator.embedded import embedded_sky
from starloop.sky.simulator.scenario import Scenario, parse
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import TABLES, Sky, open_sky

LAST_NIGHT = Night.parse("2020-06-30")
TURN = Night.parse("2020-06-20")
SMALL = 120


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    return embedded_sky(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    return make_sky(tmp_path_factory.mktemp("plain") / "sky", objects=SMALL, seed=3)


@pytest.fixture(scope="module")
def turned(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    scenario = Scenario("population", TURN)
    return make_sky(tmp_path_factory.mktemp("turned") / "sky", objects=SMALL, seed=3, scenario=scenario)


def _hashes(sky: Sky) -> dict[str, str]:
    files = sorted(path for path in sky.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(sky.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _detections(sky: Sky) -> pd.DataFrame:
    rows = sky.read("detections").to_pandas()
    types = sky.read("catalogues").to_pandas().set_index("oid")["type"]
    rows["type"] = rows["oid"].map(types)
    return rows.assign(night=np.floor(rows["mjd"]))


def _sound(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["magpsf"] < 99) & (rows["sigmapsf"] > 0)]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(plain, tmp_path):
    again = make_sky(tmp_path / "again", objects=SMALL, seed=3)
    other = make_sky(tmp_path / "other", objects=SMALL, seed=4)
    assert _hashes(again) == _hashes(plain)
    assert _hashes(other)["detections.parquet"] != _hashes(plain)["detections.parquet"]


def test_the_sky_opens_says_it_is_simulated_and_keeps_its_schema(plain):
    opened = open_sky(plain.folder)
    assert opened.origin == "simulated"
    for table, schema in TABLES.items():
        rows = opened.read(table)
        assert rows.schema == schema
        assert rows.num_rows > 0
    times = np.concatenate([opened.read(table)["mjd"] for table in ("detections", "non_detections", "releases")])
    assert opened.first_mjd <= times.min()
    assert times.max() <= opened.last_mjd < LAST_NIGHT.end


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "sky").mkdir()
    (tmp_path / "sky" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        make_sky(tmp_path / "sky", objects=SMALL, seed=1)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]


@pytest.mark.parametrize(("objects", "seed"), [(3, 1), (SMALL, -1)])
def test_a_sky_that_cannot_be_drawn_is_refused(tmp_path, objects, seed):
    with pytest.raises(BadInput, match="at least"):
        make_sky(tmp_path / "sky", objects=objects, seed=seed)
    assert not list(tmp_path.iterdir())


def test_the_embedded_sky_is_made_once(embedded):
    made = embedded.folder.stat().st_mtime_ns
    assert embedded_sky(embedded.folder.parent) == embedded
    assert embedded.folder.stat().st_mtime_ns == made
    assert [path.name for path in embedded.folder.parent.iterdir()] == [embedded.folder.name]


def test_the_last_embedded_night_shows_every_class(embedded):
    rows = _detections(embedded)
    last = rows[rows["night"] == LAST_NIGHT.begin]
    assert 200 <= last["oid"].nunique() <= 320
    merged = last["type"].replace({"EA": "eclipsing", "EW": "eclipsing", "M": "LPV", "SR": "LPV"})
    active = last.assign(type=merged).groupby("type")["oid"].nunique()
    assert set(active.index) == {"RRAB", "DCEP", "eclipsing", "LPV", "SN Ia", "SN II", "QSO"}
    assert active.min() >= 20
    history = rows[rows["oid"].isin(last["oid"])].groupby("oid").size()
    assert (history >= 8).mean() > 0.9


def test_every_usable_embedded_night_is_busy(embedded):
    busy = _detections(embedded).groupby("night")["oid"].nunique()
    assert len(busy) > 110
    assert busy.min() >= 150
    assert busy.max() <= 320


def test_sound_rows_obey_the_five_sigma_rule(plain):
    rows = _sound(_detections(plain))
    assert (1.0857362 / rows["sigmapsf"] >= 5 - 1e-6).all()
    assert rows["isdiffpos"].isin([-1, 1]).all()


def test_broken_and_double_rows_are_few_and_of_one_kind(embedded):
    rows = embedded.read("detections").to_pandas()
    sentinel, no_error = rows["magpsf"] >= 99, rows["sigmapsf"] <= 0
    assert not (sentinel & no_error).any()
    assert 0.002 < (sentinel | no_error).mean() < 0.004
    double = rows.duplicated()
    assert 0.002 < double.mean() < 0.004
    assert not (double & (sentinel | no_error)).any()
    assert not rows[~double]["candid"].duplicated().any()


def test_corrected_magnitudes_exist_where_a_reference_source_does(plain):
    rows = _sound(_detections(plain))
    transient = rows["oid"].str.startswith("ZTF20")
    assert rows[transient]["magpsf_corr"].isna().all()
    assert not rows[transient]["corrected"].any()
    assert rows[~transient]["corrected"].all()
    assert rows[~transient]["magpsf_corr"].notna().mean() > 0.99
    brighter = rows["magpsf_corr"] < rows["magpsf"]
    assert brighter[~transient & (rows["isdiffpos"] > 0)].all()


def test_upper_limits_come_at_most_thirty_days_before_an_alert(plain):
    alerts = _detections(plain).groupby("oid")["mjd"].apply(np.sort)
    for oid, mjd in plain.read("non_detections").to_pandas().groupby("oid")["mjd"]:
        following = np.searchsorted(alerts[oid], mjd)
        assert (alerts[oid][following] - mjd <= 30).all()


def test_catalogues_are_mostly_right(embedded):
    objects = embedded.read("objects").to_pandas()
    entries = embedded.read("catalogues").to_pandas()
    assert set(entries["catalogue"]) == {"BTS", "B/vsx/vsx", "VII/290"}
    assert 0.9 < len(entries) / len(objects) < 0.97
    near = entries.merge(objects, on="oid", suffixes=("", "_true"))
    north = 3600 * (near["dec"] - near["dec_true"])
    assert 0.1 < np.sqrt(2) * north.std() < 0.6
    transient = entries["oid"].str.startswith("ZTF20")
    assert (entries[transient]["catalogue"] == "BTS").all()
    assert entries[transient]["name"].str.match("SN2020[a-z]{3}$").all()


def test_a_folded_rr_lyrae_is_tighter_than_an_unfolded_one(embedded):
    stars = embedded.read("catalogues").to_pandas().query("type == 'RRAB' and period > 0.42")
    epochs = embedded.read("releases").to_pandas().query("filtercode == 'zr' and catflags == 0")
    tighter = []
    for star in stars.itertuples():
        curve = epochs[epochs["query"] == star.oid]
        if len(curve) >= 40:
            folded = curve["mag"].to_numpy()[np.argsort(curve["hjd"] / star.period % 1)]
            in_time = curve["mag"].to_numpy()[np.argsort(curve["hjd"])]
            tighter.append(np.median(np.abs(np.diff(folded))) < 0.5 * np.median(np.abs(np.diff(in_time))))
    assert len(tighter) > 50
    assert np.mean(tighter) > 0.95


def test_bogus_alerts_score_low_and_no_catalogue_lists_their_objects(plain):
    low = _detections(plain).groupby("oid")["rb"].max() < 0.75
    assert low.any()
    assert not set(low[low].index) & set(plain.read("catalogues")["oid"].to_pylist())


def test_a_scenario_changes_nothing_before_its_night(plain, turned):
    before = [
        _detections(sky).query(f"mjd < {TURN.begin}").drop_duplicates("candid").set_index(["oid", "mjd", "fid"])
        for sky in (plain, turned)
    ]
    assert before[0].index.equals(before[1].index)
    assert np.median(np.abs(before[0]["diffmaglim"] - before[1]["diffmaglim"])) == 0


def test_a_scenario_turns_the_sky_to_bright_variables_within_three_nights(plain, turned):
    usual, changed = (_detections(sky).query(f"{TURN.begin} <= mjd < {TURN.begin + 3}") for sky in (plain, turned))
    transients = [rows.drop_duplicates("oid")["oid"].str.startswith("ZTF20").mean() for rows in (usual, changed)]
    assert transients[1] < 0.5 * transients[0]
    assert changed["magpsf_corr"].median() < usual["magpsf_corr"].median() - 0.7
    visits = [rows.groupby(["oid", "night"]).size().mean() for rows in (usual, changed)]
    assert visits[1] > 1.8 * visits[0]


def test_a_scenario_is_told_in_the_skys_facts(turned):
    assert json.loads(Path(turned.folder / "sky.json").read_text())["scenario"] == "population:2020-06-20"


def test_a_scenario_is_read_from_its_name():
    assert parse("population:2020-06-20") == Scenario("population", TURN)
    for wrong in ("population", "flood:2020-06-20", "population:June", ""):
        with pytest.raises(BadInput):
            parse(wrong)


def test_a_scenario_outside_the_sky_is_refused(tmp_path):
    with pytest.raises(BadInput, match="outside"):
        make_sky(tmp_path / "sky", objects=SMALL, seed=1, scenario=parse("population:2021-01-01"))
