"""The data set joins each object's newest features with its place, its label and its side of the split."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from starloop.errors import BadInput
from starloop.features import schema
from starloop.model import dataset, training
from starloop.model.bundle import Classifier
from starloop.model.params import DatasetParams, TrainParams
from starloop.model.score import score
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_table
from starloop.sky.tables import CATALOGUES, OBJECTS

FIRST, SECOND = Night.parse("2020-03-01"), Night.parse("2020-03-02")


def _write(home: Home, night: Night, rows: range) -> None:
    """Write a night of objects that are of two kinds by turns; one in five has no label."""
    oid = [f"ZTF20{row:07d}" for row in rows]
    rng = np.random.default_rng(int(night.begin))
    features = {name: pa.array(rng.standard_normal(len(rows)), pa.float32()) for name in schema.NAMES}
    features[schema.NAMES[0]] = pa.array([night.begin % 10 + 9 * (row % 2) for row in rows], pa.float32())
    write_table(pa.table({"oid": oid, **features}), home.features / f"{night}.parquet")
    places = [{"oid": name, "ra": 1.7 * row % 360, "dec": row % 60 + 0.5} for row, name in zip(rows, oid, strict=True)]
    write_table(pa.Table.from_pylist(places, OBJECTS), home.good(night) / "objects.parquet")
    entries = [
        {**place, "name": place["oid"], "catalogue": "B/vsx/vsx", "type": ("RRAB", "M")[row % 2]}
        for row, place in zip(rows, places, strict=True)
        if row % 5
    ]
    write_table(pa.Table.from_pylist(entries, CATALOGUES), home.good(night) / "catalogues.parquet")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    _write(home, FIRST, range(80))
    _write(home, SECOND, range(60, 140))
    return home


def test_the_newest_night_of_each_object_counts(home: Home) -> None:
    table = dataset.build(home, SECOND, DatasetParams())
    assert table.column_names == [*dataset.KNOWN, *schema.NAMES]
    assert table["oid"].to_pylist() == sorted(f"ZTF20{row:07d}" for row in range(140))
    assert table["night"].to_pylist() == [str(FIRST)] * 60 + [str(SECOND)] * 80
    assert table["label"].to_pylist()[5:8] == [None, "RRL", "LPV"]
    assert max(table["distance"].drop_null().to_pylist()) == 0


def test_a_label_tells_whose_it_is_and_since_when_it_is_known(home: Home) -> None:
    known = dataset.build(home, SECOND, DatasetParams()).select(["catalogue", "entry", "type", "since"]).to_pylist()
    assert known[61] == {"catalogue": "B/vsx/vsx", "entry": "ZTF200000061", "type": "M", "since": str(FIRST)}
    assert known[81] == {"catalogue": "B/vsx/vsx", "entry": "ZTF200000081", "type": "M", "since": str(SECOND)}
    assert known[5] == dict.fromkeys(("catalogue", "entry", "type", "since"))


def test_what_catalogues_disagree_about_is_listed_by_object(home: Home) -> None:
    path = home.good(SECOND) / "catalogues.parquet"
    entries = pq.read_table(path).to_pylist()
    doubted = {**entries[0], "catalogue": "J/ApJS/249/18/table2", "name": "ZTFJ1", "type": "EW"}
    write_table(pa.Table.from_pylist([*entries, doubted], CATALOGUES), path)
    table = dataset.build(home, SECOND, DatasetParams())
    assert dataset.as_csv(dataset.conflicts(table)).splitlines() == [
        '"oid","label","catalogue","entry","type","others"',
        '"ZTF200000061","LPV","B/vsx/vsx","ZTF200000061","M","EB/EW (J/ApJS/249/18/table2)"',
    ]


def test_later_nights_are_not_looked_at_and_change_no_side(home: Home) -> None:
    earlier, later = dataset.build(home, FIRST, DatasetParams()), dataset.build(home, SECOND, DatasetParams())
    assert earlier.num_rows == 80
    assert earlier["split"].to_pylist() == later["split"].to_pylist()[:80]
    with pytest.raises(BadInput, match="has no features up to the night 2020-02-29"):
        dataset.build(home, FIRST.back(1), DatasetParams())


def test_from_data_set_to_scores(home: Home) -> None:
    write_table(dataset.build(home, SECOND, DatasetParams()), home.dataset)
    facts = {"night": str(SECOND), "sky": "toy", "origin": "simulated", "git_revision": "0" * 40}
    classifier = Classifier.load(training.train(home, TrainParams(rounds=20), facts))
    scored = pq.read_table(score(home, SECOND, classifier, 3))
    told = ["oid", "night", "decision", "p_LPV", "p_RRL", "anomaly", "model_version", "prediction_id"]
    assert scored.column_names == told
    assert scored.num_rows == 80
    assert scored["model_version"].unique().to_pylist() == [3]
