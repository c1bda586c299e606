"""The survey's products: alerts, upper limits and release epochs, with the faults of the real ones."""

import numpy as np
import pandas as pd
import pytest

from starloop.nights.calendar import Night
from starloop.sky.populations.objects import Objects, unknown
from starloop.sky.survey.alerts import detections, non_detections
from starloop.sky.survey.identifiers import MOST_OBJECTS, luck, source_oids
from starloop.sky.survey.neighbours import NEIGHBOUR_SHARE
from starloop.sky.survey.photometry import flux, measure, reference_fluxes
from starloop.sky.survey.release import release_error, releases
from starloop.sky.survey.schedule import Span, draw_weather, observe
from starloop.sky.tables import DETECTIONS, NON_DETECTIONS, RELEASES

SPAN = Span(Night.parse("2019-01-01"), Night.parse("2020-12-31"))
N = 300


@pytest.fixture(scope="module")
def exposures():
    return observe(np.random.default_rng(2), SPAN, draw_weather(np.random.default_rng(1), SPAN))


def make_objects(in_reference, n=N):
    rng = np.random.default_rng(8)
    ra, dec = rng.uniform(120, 240, n), rng.uniform(-10, 75, n)
    mean, period, colour = rng.uniform(15, 19.8, n), rng.uniform(0.3, 9, n), np.array([0, 0.3, 0, -0.1])

    def pulsating(which, mjd, fid):
        return mean[which] + 0.5 * np.sin(2 * np.pi * mjd / period[which]) + colour[fid]

    def exploding(which, mjd, fid):
        age = mjd - 58550 - 2 * which
        return np.where(age < 0, 99.0, mean[which] + 0.03 * np.abs(age - 15) + colour[fid])

    mag = pulsating if in_reference else exploding
    return Objects("B/vsx/vsx", ["RRAB"] * n, ra, dec, unknown(n), unknown(n), in_reference, mag, bogus_rate=0.001)


class Unit:
    def __init__(self, exposures, in_reference, first=0, seed=9, epoch=1):
        self.objects = make_objects(in_reference)
        rng = np.random.default_rng(seed)
        self.references = reference_fluxes(rng, self.objects)
        self.measured = measure(rng, self.objects, self.references, exposures)
        # Names fall in the alphabet as they come.
        self.oid = np.array([f"ZTF{18 if in_reference else 20}{i:07d}" for i in range(N)][::-1], dtype=object)
        known = np.full(N, in_reference)
        places = (self.oid, known, self.objects.ra, self.objects.dec, np.arange(first, first + N), self.measured)
        self.detections = detections(rng, *places)
        self.non_detections = non_detections(self.oid, self.measured)
        self.releases = releases(rng, *places, epoch=epoch)


@pytest.fixture(scope="module")
def variables(exposures):
    return Unit(exposures, in_reference=True)


@pytest.fixture(scope="module")
def transients(exposures):
    return Unit(exposures, in_reference=False, first=N)


def sound(table):
    rows = table.to_pandas()
    return rows[(rows["magpsf"] < 99) & (rows["sigmapsf"] > 0)]


def test_tables_keep_their_schemas_and_stand_in_order_of_name_and_time(variables, transients):
    for unit in (variables, transients):
        assert unit.detections.schema == DETECTIONS
        assert unit.non_detections.schema == NON_DETECTIONS
        assert unit.releases.schema == RELEASES
        for table, name in ((unit.detections, "oid"), (unit.non_detections, "oid"), (unit.releases, "query")):
            rows = table.to_pandas()[[name, "mjd"]]
            pd.testing.assert_frame_equal(rows, rows.sort_values([name, "mjd"], kind="stable", ignore_index=True))


def test_sound_detections_are_five_sigma_with_a_sign(variables):
    rows = sound(variables.detections)
    assert (1.0857362 / rows["sigmapsf"] >= 5 - 1e-6).all()
    assert 0.2 < (rows["isdiffpos"] == 1).mean() < 0.8
    assert rows["isdiffpos"].isin([-1, 1]).all()


def test_errors_follow_the_surveys_error_magnitude_relation(transients):
    rows = sound(transients.detections)
    for mag, usual in ((16.25, 0.035), (17.25, 0.0475), (18.25, 0.0735), (19.25, 0.125)):
        near = rows[np.abs(rows["magpsf"] - mag) < 0.25]["sigmapsf"]
        assert len(near) > 100
        assert near.median() == pytest.approx(usual, rel=0.15)


def test_corrected_magnitudes_exist_where_a_reference_source_does(variables, transients):
    with_source, without = sound(variables.detections), sound(transients.detections)
    assert with_source["corrected"].all()
    assert with_source["magpsf_corr"].notna().mean() > 0.99
    assert not with_source["dubious"].any()
    assert 0.1 < (with_source["sigmapsf_corr"] == 100).mean() < 0.6
    fair = with_source[with_source["sigmapsf_corr"] < 100]
    assert (fair["sigmapsf_corr"] <= fair["sigmapsf_corr_ext"]).all()
    assert (with_source["magpsf_corr"] < with_source["magpsf"])[with_source["isdiffpos"] > 0].all()
    assert without["magpsf_corr"].isna().all()
    assert not without["corrected"].any()
    assert (without["dubious"] == (without["isdiffpos"] < 0)).all()


def test_corrected_magnitudes_are_the_objects_own_with_its_neighbour(variables):
    rows = sound(variables.detections).drop_duplicates("candid")
    row_of = {name: row for row, name in enumerate(variables.oid)}
    which = rows["oid"].map(row_of).to_numpy()
    true = variables.objects.mag(which, rows["mjd"].to_numpy(), rows["fid"].to_numpy())
    blended = -2.5 * np.log10(flux(true) + variables.references[which, 0]) + 19
    assert np.abs(rows["magpsf_corr"] - blended).median() < 0.05


def test_a_blend_pulls_the_reference_source_from_its_object(variables, transients):
    rows = sound(variables.detections).groupby("oid")["distnr"].median().reindex(sorted(variables.oid))
    blended = variables.references[::-1, 0] > 0
    assert NEIGHBOUR_SHARE / 2 < blended.mean() < 2 * NEIGHBOUR_SHARE
    assert rows[blended].median() > 1.5 * rows[~blended].median()
    assert rows[blended].max() < 1.5
    near = sound(transients.detections).groupby("oid")["distnr"].median().reindex(sorted(transients.oid))
    beside = transients.references[::-1, 0] > 0
    assert near[beside].dropna().between(0.3, 3.3).all()
    assert near[~beside].min() > 1
    assert 0.2 < near[~beside].isna().mean() < 0.5


def test_release_epochs_of_a_blend_are_brighter_and_displaced(variables):
    rows = variables.releases.to_pandas().query("catflags == 0 and filtercode == 'zr'").groupby("query")
    blended = pd.Series(variables.references[:, 0] > 0, index=variables.oid)
    dec = rows["dec"].first() - pd.Series(variables.objects.dec, index=variables.oid)
    assert (dec[~blended] == 0).all()
    assert (dec[blended].abs() > 0).all()
    assert 3600 * dec.abs().max() < 1.5
    alone = pd.Series(19 - 2.5 * np.log10(variables.references[:, 2] - variables.references[:, 0]), variables.oid)
    assert (rows["mag"].median() - alone)[blended].median() < -0.15
    assert abs((rows["mag"].median() - alone)[~blended].median()) < 0.05


def test_broken_and_double_rows_are_few_and_of_one_kind(variables):
    rows = variables.detections.to_pandas()
    sentinel, no_error = rows["magpsf"] >= 99, rows["sigmapsf"] <= 0
    double = rows.duplicated()
    assert not (sentinel & no_error).any()
    assert 0.002 < (sentinel | no_error).mean() < 0.004
    assert 0.002 < double.mean() < 0.004
    assert not (double & (sentinel | no_error)).any()


def test_candids_and_release_oids_are_unique_across_units(exposures, variables):
    other = Unit(exposures, in_reference=True, first=N)
    candids = [set(unit.detections["candid"].to_pylist()) for unit in (variables, other)]
    assert len(candids[0]) == variables.detections.to_pandas().drop_duplicates().shape[0]
    assert not candids[0] & candids[1]
    assert not set(variables.releases["oid"].to_pylist()) & set(other.releases["oid"].to_pylist())


def test_release_oids_differ_for_every_object_filter_and_release():
    number, one = np.arange(0, MOST_OBJECTS, 97), np.ones(103093, dtype=np.int64)
    oids = [source_oids(number, 300 * one, fid * one, epoch) for fid in (1, 2, 3) for epoch in (1, 2)]
    assert len(np.unique(oids)) == 6 * len(number)


def test_another_release_renames_the_sources_and_keeps_their_rows(exposures, variables):
    later = Unit(exposures, in_reference=True, epoch=2)
    before, after = variables.releases.to_pandas(), later.releases.to_pandas()
    assert len(before) == len(after)
    assert not set(before["oid"]) & set(after["oid"])
    pd.testing.assert_frame_equal(before.drop(columns="oid"), after.drop(columns="oid"))


def test_the_same_seed_gives_the_same_rows_and_another_does_not(exposures, variables):
    again, other = (Unit(exposures, in_reference=True, seed=seed) for seed in (9, 10))
    for table in ("detections", "non_detections", "releases"):
        assert getattr(again, table).equals(getattr(variables, table))
        assert not getattr(other, table).equals(getattr(variables, table))


def test_upper_limits_come_at_most_thirty_days_before_an_alert(transients):
    alerts = transients.detections.to_pandas().groupby("oid")["mjd"].apply(np.sort)
    limits = transients.non_detections.to_pandas()
    assert len(limits) > 500
    for oid, mjd in limits.groupby("oid")["mjd"]:
        following = np.searchsorted(alerts[oid], mjd)
        assert (alerts[oid][following] - mjd <= 30).all()
        assert not set(mjd) & set(alerts[oid])


def test_scores_are_high_for_real_alerts_and_missing_before_the_classifier_ran(variables):
    rows = variables.detections.to_pandas().drop_duplicates("candid")
    assert 0.7 < rows["rb"].median() < 0.85
    old = rows["mjd"] < 58659
    assert rows["drb"][old].isna().all()
    assert 0.01 < rows["drb"][~old].isna().mean() < 0.03
    assert rows["drb"].dropna().between(0, 1).all()
    assert rows["drb"].median() > 0.99


def test_release_errors_rise_with_magnitude_and_scatter_with_shallowness(variables):
    rows = variables.releases.to_pandas()
    for code, fid in (("zg", 1), ("zr", 2)):
        here = rows[(rows["filtercode"] == code) & (rows["catflags"] == 0)]
        medians = [here[np.abs(here["mag"] - mag) < 0.25]["magerr"].median() for mag in (15, 17, 18, 19, 20)]
        assert (np.diff(medians) > 0).all()
        assert medians[-1] == pytest.approx(release_error(np.array([20.0]), np.array([fid]))[0], rel=0.15)
    which = rows["query"].map({name: row for row, name in enumerate(variables.oid)}).to_numpy()
    fid = rows["filtercode"].map({"zg": 1, "zr": 2, "zi": 3}).to_numpy()
    true = variables.objects.mag(which, rows["hjd"].to_numpy() - 2400000.5, fid)
    off = (rows["mag"] - (19 - 2.5 * np.log10(flux(true) + variables.references[which, 0]))).abs()
    alike = (true > 18.5) & (true < 19.2)
    usable, flagged = alike & (rows["catflags"] < 32768), alike & (rows["catflags"] == 32768)
    shallow, deep = usable & (rows["limitmag"] < 20.4), usable & (rows["limitmag"] > 21.2)
    assert off[shallow].median() > 1.3 * off[deep].median()
    assert off[flagged].median() > 5 * off[usable].median()


def test_release_rows_carry_flags_dates_and_i_images(variables):
    rows = variables.releases.to_pandas()
    assert (rows["catflags"] == 0).mean() == pytest.approx(0.97, abs=0.005)
    assert {"zg", "zr", "zi"} == set(rows["filtercode"])
    assert rows["airmass"].min() >= 1
    night = pd.to_datetime((rows["filefracday"] // 1e6).astype(int).astype(str))
    expected = pd.to_datetime(np.floor(rows["mjd"]) + 2400000.5, unit="D", origin="julian")
    assert (night == expected).all()
    assert (rows["oid"] // 10**12 == rows["field"]).all()


def test_transients_have_no_release_epochs(transients):
    assert transients.releases.num_rows == 0


def test_luck_is_even_and_follows_from_the_number():
    drawn = luck(np.arange(100_000), 3)
    assert np.histogram(drawn, 10, (0, 1))[0].min() > 9600
    assert luck(np.array([77_777]), 3)[0] == drawn[77_777]
    assert abs(np.corrcoef(drawn, luck(np.arange(100_000), 2))[0, 1]) < 0.01
