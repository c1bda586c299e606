"""Light curves cut short, past and future, and rows of one star on both sides of a split."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from starloop.evaluation.lengths import DAYS, cut, cut_features, days_after_first, first_detections
from starloop.evaluation.row_split import both_splits, gap, snapshot_rows
from starloop.evaluation.sample import Sample, sample
from starloop.evaluation.time_forward import time_forward
from starloop.features.assembly import curves
from starloop.features.extract import extract
from starloop.features.schema import NAMES
from starloop.model.bundle import matrix
from starloop.model.labels import labels
from starloop.model.params import TrainParams
from starloop.sky.simulator.write import make_sky

FAST = TrainParams(rounds=15, folds=2, max_depth=3, eta=0.3)


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Some objects of two simulated classes, one of them with TESS."""
    folder = tmp_path_factory.mktemp("sky") / "small"
    sky = make_sky(folder, objects=60, seed=2, kinds=["RRAB", "SNIA"], tess=1, workers=1)
    found = labels(sky.read("catalogues"))
    class_of = dict(zip(found["oid"].to_pylist(), found["label"].to_pylist(), strict=True))
    order = ["SNIa", "RRL"]
    return sample(sky, {oid: label for oid, label in class_of.items() if label in order}, order)


def pairs(rows: pa.Table, key: str) -> list[tuple[str, float]]:
    """Give the object and the time of each row."""
    return list(zip(rows[key].to_pylist(), rows["mjd"].to_pylist(), strict=True))


def bits(features: pa.Table) -> list[bytes]:
    """Give the bytes of every row, so that a missing value equals a missing one."""
    return [row.tobytes() for row in matrix(features, list(NAMES))]


def test_a_cut_light_curve_holds_nothing_that_came_later(stars: Sample) -> None:
    short = cut(stars.tables, days_after_first(stars.tables, 32))
    first = first_detections(stars.tables)
    begin = dict(zip(first["oid"].to_pylist(), first["mjd"].to_pylist(), strict=True))
    for table, key in (("detections", "oid"), ("non_detections", "oid"), ("releases", "query")):
        rows = short[table]
        assert 0 < len(rows) < len(stars.tables[table])
        assert all(
            mjd <= begin[oid] + 32 for oid, mjd in zip(rows[key].to_pylist(), rows["mjd"].to_pylist(), strict=True)
        )
    assert len(stars.tables["tess"])
    assert not len(short["tess"].filter(pc.greater(short["tess"]["t_max"], max(begin.values()) + 32)))


def test_features_at_a_length_do_not_change_with_what_comes_later(stars: Sample) -> None:
    ends = days_after_first(stars.tables, 64)
    rows = stars.tables["detections"]
    end = dict(zip(ends["oid"].to_pylist(), ends["end"].to_pylist(), strict=True))
    later = np.array([mjd > end[oid] for oid, mjd in pairs(rows, "oid")])
    assert later.any()
    other = rows["magpsf"].to_numpy() - 3.0 * later
    changed = {
        **stars.tables,
        "detections": rows.set_column(rows.column_names.index("magpsf"), "magpsf", pa.array(other, from_pandas=True)),
    }
    whole = extract(curves(changed, stars.tess_folder)).sort_by("oid")
    assert bits(whole) != bits(stars.whole)
    assert bits(cut_features(changed, stars.tess_folder, whole, ends)) == bits(stars.features["64"])


def test_the_features_at_a_length_are_those_of_a_survey_that_ended_there(stars: Sample) -> None:
    short = cut(stars.tables, days_after_first(stars.tables, 128))
    assert bits(extract(curves(short, stars.tess_folder)).sort_by("oid")) == bits(stars.features["128"])


def test_every_length_has_the_same_objects(stars: Sample) -> None:
    assert list(stars.features) == [*map(str, DAYS), "all"]
    assert all(features["oid"].equals(stars.whole["oid"]) for features in stars.features.values())


def test_the_future_is_tested_on_and_the_past_trained_on(stars: Sample) -> None:
    found = time_forward(stars, FAST)
    assert found.headline.objects == (stars.first >= found.mjd).sum()
    assert found.trained_on <= (stars.first < found.mjd).sum()


def test_a_row_split_shares_stars_and_the_grouped_one_never_does(stars: Sample) -> None:
    rows, owner = snapshot_rows(stars)
    assert len(owner) > len(stars)
    assert rows.group.tolist() == stars.group[owner].tolist()
    by_row, grouped = both_splits(rows, seed=1)
    shared = [len(np.unique(by_row[rows.group == place])) > 1 for place in np.unique(rows.group)]
    assert np.mean(shared) > 0.5
    assert all(len(np.unique(grouped[rows.group == place])) == 1 for place in np.unique(rows.group))


def test_the_promise_of_a_row_split_is_the_difference_of_the_two(stars: Sample) -> None:
    found = gap(stars, FAST)
    assert found.rows == found.by_row.objects == found.grouped.objects
    assert found.accuracy.value == found.by_row.accuracy.value - found.grouped.accuracy.value
    assert found.accuracy.low <= found.accuracy.value <= found.accuracy.high


def test_no_objects_are_cut_to_no_objects(stars: Sample, tmp_path: Path) -> None:
    empty = {name: rows.slice(0, 0) for name, rows in stars.tables.items()}
    whole = extract(curves(empty, tmp_path))
    assert not len(cut_features(empty, tmp_path, whole, days_after_first(empty, 16)))
