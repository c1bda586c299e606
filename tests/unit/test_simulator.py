"""The simulated sky: the same bytes each time, busy nights, rows as the survey makes them, nothing half-written."""

import hashlib

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from starloop.nights.calendar import Night
from starloop.sky.simulator import kinds
from starloop.sky.simulator.plan import make_plan
from starloop.sky.simulator.spec import Spec
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import TABLES, open_sky

FIRST, LAST = Night.parse("2020-01-01"), Night.parse("2020-06-30")
SMALL = 120


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return make_sky(tmp_path_factory.mktemp("plain") / "sky", objects=SMALL, seed=3, workers=1)


def _hashes(sky):
    files = sorted(path for path in sky.folder.rglob("*") if path.is_file())
    return {str(path.relative_to(sky.folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(plain, tmp_path):
    again = make_sky(tmp_path / "again", objects=SMALL, seed=3, workers=1)
    other = make_sky(tmp_path / "other", objects=SMALL, seed=4, workers=1)
    assert _hashes(again) == _hashes(plain)
    assert _hashes(other)["detections.parquet"] != _hashes(plain)["detections.parquet"]


def test_two_processes_make_the_same_bytes_as_one(tmp_path, monkeypatch):
    monkeypatch.setattr("starloop.sky.simulator.crew._OBJECTS_PER_WORKER", 10)
    asked = {"objects": SMALL, "seed": 3, "first": Night.parse("2020-06-01"), "kinds": ["RRAB", "EW", "SNIA"]}
    skies = [make_sky(tmp_path / str(workers), workers=workers, name="sky", **asked) for workers in (1, 2)]
    assert _hashes(skies[0]) == _hashes(skies[1])


def test_the_sky_opens_says_it_is_simulated_and_keeps_its_schema(plain):
    opened = open_sky(plain.folder)
    assert opened.origin == "simulated"
    for table, schema in TABLES.items():
        rows = opened.read(table)
        assert rows.schema == schema
        assert rows.num_rows > 0
    times = np.concatenate([opened.read(table)["mjd"] for table in ("detections", "non_detections", "releases")])
    assert opened.first_mjd == times.min() >= FIRST.begin
    assert opened.last_mjd == times.max() < LAST.end


def test_the_sky_has_as_many_objects_as_were_asked_for_and_all_of_them_alert(plain):
    objects = plain.read("objects").to_pandas()["oid"]
    assert len(set(objects)) == len(objects) == SMALL
    assert set(plain.read("detections")["oid"].to_pylist()) == set(objects)
    for table, column in (("non_detections", "oid"), ("releases", "query"), ("catalogues", "oid")):
        assert set(plain.read(table)[column].to_pylist()) <= set(objects)


def test_every_class_has_a_share_of_a_large_sky_and_they_add_up():
    numbers = kinds.ordinary(10_000, tuple(kinds.KINDS))
    assert sum(numbers.values()) == 10_000
    assert set(numbers) == set(kinds.KINDS)
    assert min(numbers.values()) >= 120
    assert numbers["EW"] > 2 * numbers["RRC"]


def test_the_plane_holds_no_class_of_the_distant_universe():
    assert sum(kinds.in_plane(700, tuple(kinds.KINDS)).values()) == 700
    assert "QSO" not in kinds.in_plane(700, tuple(kinds.KINDS))
    assert kinds.in_plane(700, ("QSO", "SNIA")) == {}


def test_a_plan_numbers_every_object_once():
    plan = make_plan(Spec(2_000, 1, FIRST, LAST, (), tuple(kinds.KINDS), 1))
    numbers = [number for unit in plan for number in range(unit.first, unit.first + unit.n)]
    assert numbers == list(range(2_000))
    assert len({str(unit) for unit in plan}) == len(plan)


def test_a_sky_of_one_class_holds_no_other(tmp_path):
    sky = make_sky(tmp_path / "sky", objects=60, seed=1, first=Night.parse("2020-04-01"), kinds=["RRAB"], workers=1)
    types = pd.Series(sky.read("catalogues")["type"].to_pylist())
    assert types.isin(["RRAB", "RRab"]).mean() > 0.9
    assert (pd.Series(sky.read("objects")["oid"].to_pylist()).str[:5] == "ZTF18").all()


def test_tess_looked_at_one_star_and_knows_the_numbers_of_more(plain):
    (listed,) = plain.read("tess").to_pylist()
    assert listed["author"] == "SPOC"
    assert (plain.folder / "tess" / listed["filename"]).stat().st_size == listed["size"]
    numbers = plain.read("objects")["tic"].drop_null().to_pylist()
    assert listed["tic"] in numbers
    assert len(set(numbers)) == len(numbers) > 1


def test_light_curves_are_as_many_as_asked_for(tmp_path):
    first = Night.parse("2019-07-01")
    sky = make_sky(tmp_path / "sky", objects=100, seed=1, first=first, kinds=["RRAB", "EW"], tess=5, workers=1)
    rows = sky.read("tess").to_pandas()
    assert len(rows) == len(list((sky.folder / "tess").iterdir())) == 5
    assert set(rows["author"]) == {"SPOC", "TESS-SPOC"}
    assert (rows["t_min"] > first.begin).all()
    assert (rows["t_max"] < LAST.end).all()


def test_rows_of_many_units_come_in_one_row_group(plain):
    facts = pq.read_metadata(plain.folder / "releases.parquet")
    assert facts.num_rows > 5_000
    assert facts.num_row_groups == 1
