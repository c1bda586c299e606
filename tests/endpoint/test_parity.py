"""One light curve has one row of features: in the DVC stage, in a batch and in the endpoint, to the last bit."""

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.endpoint.answering import Answering
from starloop.endpoint.schemas import LightCurve
from starloop.features import night, partitions, schema
from starloop.features.assembly import TABLES, curves
from starloop.features.extract import extract, stream
from starloop.model.bundle import Classifier
from starloop.nights.calendar import Night
from starloop.nights.store import Home
from starloop.sky.simulator.write import make_sky

NIGHT = Night.parse("2020-06-30")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A night whose good rows are those of a whole small sky."""
    home = Home(tmp_path_factory.mktemp("home"))
    sky = tmp_path_factory.mktemp("sky") / "sky"
    make_sky(sky, objects=60, seed=3, workers=1)
    home.good(NIGHT).mkdir(parents=True)
    for name in TABLES:
        shutil.copy(sky / f"{name}.parquet", home.good(NIGHT))
    shutil.copytree(sky / "tess", home.raw(NIGHT) / "tess")
    return home


@pytest.fixture(scope="module")
def whole(home: Home) -> pa.Table:
    """The light curves of the night, in one table."""
    tables = {name: pq.read_table(home.good(NIGHT) / f"{name}.parquet") for name in TABLES}
    return curves(tables, home.raw(NIGHT) / "tess")


@pytest.fixture(scope="module")
def staged(home: Home) -> pa.Table:
    """The features that the DVC stage writes of the night."""
    partitions.update(home, NIGHT)
    return pq.read_table(home.features / f"{NIGHT}.parquet")


@pytest.fixture(scope="module")
def answering(toy_model: Path) -> Answering:
    return Answering(Classifier.load(toy_model), 1)


def bits(features: pa.Table) -> list[bytes]:
    values = np.stack([features[name].to_numpy() for name in schema.NAMES], axis=1)
    return [row.tobytes() for row in values]


def test_the_sky_of_these_tests_has_every_kind_of_data(staged: pa.Table) -> None:
    present = {name for name in schema.NAMES if np.isfinite(staged[name].to_numpy()).any()}
    assert {"g_mean", "release_r_mean", "release_period_log10", "tess_scatter", "detection_count"} <= present
    assert {"reference_distance", "galactic_latitude", "nearest_source"} <= present
    assert "redshift" not in present


def test_a_batch_of_the_whole_night_has_the_features_of_the_stage(whole: pa.Table, staged: pa.Table) -> None:
    assert staged["oid"].equals(whole["oid"])
    assert bits(extract(whole)) == bits(staged)


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_the_endpoint_has_the_features_of_the_stage_for_any_light_curves_in_any_order(
    whole: pa.Table, staged: pa.Table, answering: Answering, data: st.DataObject
) -> None:
    chosen = data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=3, unique=True))
    shuffle = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    asked = []
    for row in whole.take(chosen).to_pylist():
        groups = {
            "mjd": ("mjd", "mag", "err", "band"),
            **{of: tuple(name for name in row if name.startswith(of)) for of in ("limit", "release", "tess")},
            "detection": ("detection_score", "detection_distance", "detection_positive"),
        }
        for names in groups.values():
            if row[names[0]] is not None:
                order = shuffle.permutation(len(row[names[0]]))
                row |= {name: [row[name][point] for point in order] for name in names}
        asked.append(json.dumps({"id": row.pop("oid"), **row}))
    answers, values = answering.answer([LightCurve.model_validate_json(one) for one in asked])
    assert [row.tobytes() for row in values] == [bits(staged)[number] for number in chosen]
    assert bits(extract(whole.take(chosen), n_jobs=2)) == [row.tobytes() for row in values]
    assert [answer.id for answer in answers] == staged["oid"].take(chosen).to_pylist()


@pytest.mark.parametrize("rows", [7, 300])
def test_a_night_read_a_few_rows_at_a_time_is_the_night_read_at_once(
    home: Home, whole: pa.Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(night, "_ROWS", rows)
    for name in TABLES:
        table = pq.read_table(home.good(NIGHT) / f"{name}.parquet")
        # One table stays as the sky has it, not sorted by object.
        sorted_rows = table.sort_by(night.KEYS[name]) if name in night.KEYS and name != "releases" else table
        pq.write_table(sorted_rows, tmp_path / f"{name}.parquet", row_group_size=100)
    parts = list(night.batches(tmp_path, home.raw(NIGHT) / "tess"))
    assert len(parts) > 1
    assert pa.concat_tables(parts).equals(whole)


def test_a_night_without_objects_has_no_features(home: Home, tmp_path: Path) -> None:
    for name in TABLES:
        pq.write_table(pq.read_table(home.good(NIGHT) / f"{name}.parquet").slice(0, 0), tmp_path / f"{name}.parquet")
    assert list(stream(night.batches(tmp_path, tmp_path))) == []


def test_a_night_is_computed_again_only_when_its_rows_changed(home: Home, whole: pa.Table, tmp_path: Path) -> None:
    small = Home(tmp_path)
    shutil.copytree(home.good(NIGHT), small.good(NIGHT))
    rows = pq.read_table(home.good(NIGHT) / "detections.parquet")
    few = pc.is_in(rows["oid"], value_set=whole["oid"].slice(0, 3).combine_chunks())
    pq.write_table(rows.filter(few), small.good(NIGHT) / "detections.parquet")
    partitions.update(small, NIGHT)
    file, limits = small.features / f"{NIGHT}.parquet", small.good(NIGHT) / "non_detections.parquet"
    told, written, kept = file.read_bytes(), file.stat().st_mtime_ns, limits.read_bytes()
    partitions.update(small, NIGHT)
    assert file.stat().st_mtime_ns == written
    pq.write_table(pq.read_table(limits).slice(1), limits)
    partitions.update(small, NIGHT)
    assert file.stat().st_mtime_ns != written
    limits.write_bytes(kept)
    partitions.update(small, NIGHT)
    assert file.read_bytes() == told


def test_rows_without_a_detected_object_are_not_looked_at(home: Home, whole: pa.Table) -> None:
    tables = {name: pq.read_table(home.good(NIGHT) / f"{name}.parquet") for name in TABLES}
    first = whole["oid"][0].as_py()
    alone = tables | {"detections": tables["detections"].filter(pc.field("oid") == first)}
    assert curves(alone, home.raw(NIGHT) / "tess").equals(whole.slice(0, 1))
