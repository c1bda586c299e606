"""Scenarios: nothing before their night, the right thing from it on, alone and together."""

import json

import numpy as np
import pytest

from starloop.nights.calendar import Night
from starloop.sky.populations.galaxy import galactic_latitude
from starloop.sky.simulator.changed_rows import NEW_RELEASE_MAG, ZERO_POINT_MAG
from starloop.sky.simulator.plan import PLANE_SHARE
from starloop.sky.simulator.scenario import ANSWERS, Scenario
from starloop.sky.simulator.write import make_sky

FIRST, LAST, TURN = (Night.parse(text) for text in ("2020-05-01", "2020-06-30", "2020-06-20"))
OBSERVED = ("detections", "non_detections", "releases")
KEYS = {"detections": ["oid", "candid"], "non_detections": ["oid", "mjd"], "releases": ["query", "mjd"]}
# Classes that alert often, so that two months of few objects say something.
KINDS = ("RRAB", "EA", "EW", "MIRA", "QSO", "SNIA", "CV", "CONST")


def _rows(folder, *kinds, night=TURN):
    sky = make_sky(
        folder / "sky",
        objects=120,
        seed=3,
        first=FIRST,
        last=LAST,
        kinds=KINDS,
        tess=0,
        scenarios=[kind if isinstance(kind, Scenario) else Scenario(kind, night) for kind in kinds],
    )
    tables = {name: sky.read(name).to_pandas() for name in (*OBSERVED, "objects", "catalogues")}
    return tables | {"facts": json.loads((sky.folder / "sky.json").read_text())}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Give a plain sky under '' and one with each scenario under its name."""
    return {kind: _rows(tmp_path_factory.mktemp("skies"), *filter(None, [kind])) for kind in ("", *ANSWERS)}


def _sorted(rows, name):
    return rows.sort_values([*KEYS[name], "mjd"]).reset_index(drop=True)


def _before(tables, name, mjd):
    return _sorted(tables[name][tables[name]["mjd"] < mjd], name)


def _after(tables, name):
    rows = tables[name]
    return rows[rows["mjd"] >= TURN.begin]


def _of(rows, oids, not_one=False):
    return rows[rows["oid"].isin(oids) != not_one]


def _joined(made, kind, name):
    """Pair the rows that a sky with a scenario and the plain one share from the scenario's night on."""
    keys = KEYS[name]
    usual, changed = (_after(made[sky], name).drop_duplicates(keys) for sky in ("", kind))
    both = usual.merge(changed, on=keys, suffixes=("_usual", ""))
    assert len(both) > 100
    return both


@pytest.mark.parametrize("name", OBSERVED)
@pytest.mark.parametrize("kind", ANSWERS)
def test_nothing_before_its_night_differs(made, kind, name):
    usual, changed = _before(made[""], name, TURN.begin), _before(made[kind], name, TURN.begin)
    assert len(usual) > 200
    assert changed.equals(usual)


@pytest.mark.parametrize("kind", ANSWERS)
def test_the_objects_and_their_catalogue_entries_stay(made, kind):
    for name in ("objects", "catalogues"):
        usual, changed = (made[sky][name] for sky in ("", kind))
        kept = changed[changed["oid"].isin(made[""]["objects"]["oid"])].reset_index(drop=True)
        assert kept.equals(usual.reset_index(drop=True))
    assert not made[kind]["objects"]["oid"].duplicated().any()


@pytest.mark.parametrize("kind", ["bad-night", "flood"])
@pytest.mark.parametrize("name", OBSERVED)
def test_what_lasts_one_night_leaves_the_later_ones_alone(made, kind, name):
    usual, changed = (_sorted(rows[rows["mjd"] >= TURN.end], name) for rows in (made[""][name], made[kind][name]))
    assert len(usual) > 100
    assert changed.equals(usual)


@pytest.mark.parametrize("kind", ANSWERS)
def test_its_answer_is_told_in_the_skys_facts(made, kind):
    told = made[kind]["facts"]["scenarios"]
    assert told == [{"kind": kind, "night": "2020-06-20", "answer": ANSWERS[kind]}]


def test_cadence_takes_three_images_for_one(made):
    usual, changed = (len(_after(made[sky], "releases")) for sky in ("", "cadence"))
    assert 2.7 < changed / usual < 3.3


def test_zero_point_makes_r_fainter_and_nothing_else(made):
    releases = _joined(made, "zero-point", "releases")
    shift = releases["mag"] - releases["mag_usual"]
    red = releases["filtercode"] == "zr"
    assert np.allclose(shift[red], ZERO_POINT_MAG)
    assert (shift[~red] == 0).all()
    alerts = _joined(made, "zero-point", "detections").query("magpsf_usual < 99")
    assert np.allclose(alerts["magpsf"] - alerts["magpsf_usual"], np.where(alerts["fid"] == 2, ZERO_POINT_MAG, 0))


def test_a_data_release_brings_other_oids_and_other_magnitudes(made):
    releases = _joined(made, "data-release", "releases")
    assert not set(releases["oid"]) & set(made[""]["releases"]["oid"])
    assert 0.5 * NEW_RELEASE_MAG < (releases["mag"] - releases["mag_usual"]).median() < 2 * NEW_RELEASE_MAG
    alerts = [_sorted(_after(made[sky], "detections"), "detections") for sky in ("data-release", "")]
    assert alerts[0].equals(alerts[1])


def test_population_turns_the_sky_to_stars_of_the_plane(made):
    usual, changed = (_after(made[sky], "detections") for sky in ("", "population"))
    places = made[""]["objects"].set_index("oid")
    far = places[np.abs(galactic_latitude(places["ra"].to_numpy(), places["dec"].to_numpy())) > 12].index
    assert 0 < 3 * len(_of(changed, far)) < len(_of(usual, far))
    new = _of(changed, places.index, not_one=True)
    assert new["oid"].nunique() == round(PLANE_SHARE * len(places))
    assert new["corrected"].all()
    visits = [rows.groupby(["oid", np.floor(rows["mjd"])]).size().mean() for rows in (usual, new)]
    assert visits[1] > 1.8 * visits[0]


def test_a_new_class_is_one_the_sky_did_not_have(made):
    old = made[""]["objects"]["oid"]
    new = _of(made["new-class"]["detections"], old, not_one=True)
    assert new["oid"].nunique() > 5
    assert new["mjd"].min() >= TURN.begin
    entries = _of(made["new-class"]["catalogues"], old, not_one=True)
    assert set(entries["type"]) == {"FBOT"}
    assert "FBOT" not in set(made[""]["catalogues"]["type"])


def test_depth_reaches_fainter_objects(made):
    limits = [_after(made[sky], "detections")["diffmaglim"].median() for sky in ("", "depth")]
    assert 0.5 < limits[1] - limits[0] < 0.9
    assert len(_after(made["depth"], "detections")) > len(_after(made[""], "detections"))


def test_a_bad_night_is_shallow_and_scattered_beyond_its_errors(made):
    releases = _joined(made, "bad-night", "releases").query(f"mjd < {TURN.end} and catflags == 0")
    limits = made["bad-night"]["releases"].query(f"{TURN.begin} <= mjd < {TURN.end}")["limitmag"].median()
    assert 0.5 < made[""]["releases"].query(f"{TURN.begin} <= mjd < {TURN.end}")["limitmag"].median() - limits < 1.0
    scatter = (releases["mag"] - releases["mag_usual"]) / releases["magerr"]
    assert 1.4826 * scatter.abs().median() > 2


def test_stuck_flags_say_the_same_of_every_row(made):
    assert _after(made["stuck-flags"], "detections")["rb"].nunique() == 1
    assert set(_after(made["stuck-flags"], "releases")["catflags"]) == {32768}
    assert _after(made[""], "detections")["rb"].nunique() > 100


def test_nulls_take_three_rows_in_ten_and_no_value_a_row_needs(made):
    usual, changed = (_after(made[sky], "detections") for sky in ("", "nulls"))
    assert 0.25 < changed["rb"].isna().mean() < 0.35
    assert usual["rb"].notna().all()
    needed = ["oid", "candid", "mjd", "fid", "magpsf", "sigmapsf"]
    assert changed[needed].notna().all(axis=None)


def test_a_flood_brings_ten_times_the_objects_for_one_night(made):
    tonight = f"{TURN.begin} <= mjd < {TURN.end}"
    usual, flooded = (made[sky]["detections"].query(tonight) for sky in ("", "flood"))
    assert flooded["oid"].nunique() == 10 * usual["oid"].nunique() > 100
    new = flooded[~flooded["oid"].isin(usual["oid"])]
    assert (new.drop_duplicates("candid").groupby("oid").size() == 1).all()
    assert new["rb"].median() < 0.5


def test_scenarios_come_together_and_the_earlier_does_not_feel_the_later(made, tmp_path):
    later = Scenario("population", Night.parse("2020-06-25"))
    both = _rows(tmp_path, "cadence", "flood", later, Scenario("zero-point", Night.parse("2020-06-22")))
    alone = _rows(tmp_path / "alone", "cadence", "flood")
    for name in OBSERVED:
        cut = Night.parse("2020-06-22").begin
        assert _before(both, name, cut).equals(_before(alone, name, cut))
    assert [told["kind"] for told in both["facts"]["scenarios"]] == ["cadence", "flood", "zero-point", "population"]
    assert len(_of(both["detections"], alone["objects"]["oid"], not_one=True)) > 20
