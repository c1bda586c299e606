"""The embedded sky: busy nights of many classes, and rows as the survey makes them."""

import numpy as np
import pytest

from starloop.nights.calendar import Night
from starloop.sky.simulator.embedded import embedded_sky

LAST = Night.parse("2020-06-30")
POGSON = 1.0857362


@pytest.fixture(scope="module")
def embedded(tmp_path_factory):
    return embedded_sky(tmp_path_factory.mktemp("cache"))


def _detections(sky):
    rows = sky.read("detections").to_pandas()
    listed = sky.read("catalogues").to_pandas().drop_duplicates("oid").set_index("oid")["type"]
    return rows.assign(night=np.floor(rows["mjd"]), type=rows["oid"].map(listed))


def _sound(rows):
    return rows[(rows["magpsf"] < 99) & (rows["sigmapsf"] > 0)]


def _transient(oids):
    return ~oids.str.startswith("ZTF18")


def test_sound_rows_obey_the_five_sigma_rule(embedded):
    rows = _sound(_detections(embedded))
    assert (POGSON / rows["sigmapsf"] >= 5 - 1e-6).all()
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


def test_corrected_magnitudes_exist_where_a_reference_source_does(embedded):
    rows = _sound(_detections(embedded))
    transient = _transient(rows["oid"])
    assert transient.any()
    assert rows[transient]["magpsf_corr"].isna().all()
    assert not rows[transient]["corrected"].any()
    assert rows[~transient]["corrected"].all()
    brighter = rows["magpsf_corr"] < rows["magpsf"]
    assert brighter[~transient & (rows["isdiffpos"] > 0)].all()


def test_upper_limits_come_at_most_thirty_days_before_an_alert(embedded):
    alerts = _detections(embedded).groupby("oid")["mjd"].apply(np.sort)
    for oid, mjd in embedded.read("non_detections").to_pandas().groupby("oid")["mjd"]:
        following = np.searchsorted(alerts[oid], mjd)
        assert (alerts[oid][following] - mjd <= 30).all()


def test_bogus_alerts_score_lower_than_real_ones(embedded):
    rows = _detections(embedded).drop_duplicates("candid")
    unlisted = set(embedded.read("objects")["oid"].to_pylist()) - set(embedded.read("catalogues")["oid"].to_pylist())
    faint = rows[rows["oid"].isin(unlisted)].groupby("oid")["rb"].agg(["median", "size"])
    assert ((faint["median"] < 0.5) & (faint["size"] < 8)).sum() > 10
    assert rows[rows["type"] == "RRAB"]["rb"].median() > 0.7


def test_the_embedded_sky_is_made_once(embedded):
    made = embedded.folder.stat().st_mtime_ns
    assert embedded_sky(embedded.folder.parent) == embedded
    assert embedded.folder.stat().st_mtime_ns == made
    assert [path.name for path in embedded.folder.parent.iterdir()] == [embedded.folder.name]


def test_the_last_embedded_night_shows_many_classes(embedded):
    rows = _detections(embedded)
    last = rows[rows["night"] == LAST.begin]
    assert 300 <= last["oid"].nunique() <= 600
    active = last.drop_duplicates("oid")["type"].value_counts()
    assert (active >= 8).sum() >= 10
    assert active["SN Ia"] >= 8
    history = rows[rows["oid"].isin(last["oid"])].groupby("oid").size()
    assert (history >= 8).mean() > 0.9


def test_nearly_every_usable_embedded_night_is_busy(embedded):
    busy = _detections(embedded).groupby("night")["oid"].nunique()
    assert len(busy) > 110
    assert (busy >= 150).mean() > 0.8
    assert busy.min() >= 60
