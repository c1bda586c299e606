"""A prediction is explained back to the archives, in a small home with a real registry and a real DVC lock."""

import json
import shutil
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from starloop import pipeline, workspace
from starloop.endpoint.schemas import Answer
from starloop.errors import BadInput
from starloop.explain import explain
from starloop.features import schema
from starloop.model import training
from starloop.model.bundle import Classifier
from starloop.model.params import TrainParams
from starloop.model.score import score
from starloop.nights.calendar import Night
from starloop.nights.ledger import Counts, Ledger
from starloop.nights.matches import match
from starloop.nights.store import Home, write_json, write_table
from starloop.settings import Settings
from starloop.sky.tables import CATALOGUES, DETECTIONS, NON_DETECTIONS, OBJECTS, RELEASES
from starloop.workspace import Workspace

pytestmark = pytest.mark.timeout(180)
FIRST, NIGHT = Night.parse("2020-02-29"), Night.parse("2020-03-01")
OID = "ZTF200000000"
POINTLESS = "ZTF200000159"
NOISE = ("g_observation_count", "r_observation_count", "release_g_observation_count", "release_r_observation_count",
         "tess_count")  # fmt: skip
STAGES = """
stages:
  features: {cmd: "true", outs: [{features: {persist: true}}]}
  dataset: {cmd: "true", deps: [features], outs: [{dataset.parquet: {persist: true}}]}
"""
COST = {"requests": 3, "retries": 0, "received_bytes": 1_500_000, "longest_s": 1.0, "faults": {}}


@dataclass(frozen=True)
class Scored:
    """A home, the ids of its predictions by oid, and the id of an answer of the endpoint."""

    place: Workspace
    ids: dict[str, str]
    answer: str


def _rows(schema: pa.Schema, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([dict.fromkeys(schema.names) | row for row in rows], schema=schema)


def _raw() -> dict[str, pa.Table]:
    place = {"oid": OID, "ra": 10.0, "dec": 20.0}
    epochs = [place | {"candid": str(n), "mjd": NIGHT.begin - n, "fid": 1, "magpsf": 18.0} for n in range(8)]
    return {
        "objects": _rows(OBJECTS, place | {"tic": None}),
        "detections": _rows(DETECTIONS, *epochs),
        "non_detections": _rows(NON_DETECTIONS, {"oid": OID, "mjd": NIGHT.begin - 9, "fid": 1}),
        "releases": _rows(RELEASES, {"oid": 7, "query": OID, "ra": 10.0, "dec": 20.0001, "mjd": NIGHT.begin}),
        "catalogues": _rows(
            CATALOGUES, place | {"catalogue": "BTS", "name": "SN2020aa", "type": "SN Ia", "dec": 20.0002}
        ),
    }


def _fetched(home: Home) -> None:
    """Write the night as ingest and the checks leave it: a detection was quarantined, the TIC did not answer."""
    tables = _raw()
    for name, table in tables.items():
        write_table(table, home.raw(NIGHT) / f"{name}.parquet")
        write_table(table.slice(1) if name == "detections" else table, home.good(NIGHT) / f"{name}.parquet")
    stars = pa.table({name: pa.array([], kind) for name, kind in (("oid", "string"), ("tic", "int64"))})
    stars = stars.append_column("ra", pa.array([], "float64")).append_column("dec", pa.array([], "float64"))
    write_table(match(tables, stars, "ztf_dr24"), home.raw(NIGHT) / "matches.parquet")
    failed = Counts(requested=1, failed=1, failures={OID: "503 from MAST"})
    Ledger(night=str(NIGHT), sky="toy", sources={"tic": failed}).save(home.raw(NIGHT) / "counts.json")
    for night in (FIRST, NIGHT):
        alerce = COST | {"url": "http://alerce.example"}
        write_json({"runs": 1, "seconds": 2.0, "archives": {"ALeRCE": alerce}}, home.fetch_cost(night))


@pytest.fixture(scope="module")
def scored(rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """Two nights of features, a champion trained on them, a scored night, and an answer of the endpoint."""
    home = Home(tmp_path_factory.mktemp("home"))
    noise = np.random.default_rng(3).standard_normal((len(NOISE), rows.num_rows)).astype(np.float32)
    noise[:, -1] = np.nan
    for name, values in zip(NOISE, noise, strict=True):
        rows = rows.append_column(name, pa.array(values))
    names = training.feature_names(rows)
    features = rows.select(["oid", *names])
    write_table(features.slice(0, 9), home.features / f"{FIRST}.parquet")
    write_table(features, home.features / f"{NIGHT}.parquet")
    write_table(rows, home.dataset)
    _fetched(home)

    pipeline.open_project(home, None)
    (home.root / "dvc.yaml").write_text(STAGES)
    pipeline.dvc(home, "repro", "--quiet")
    home.lock(NIGHT).parent.mkdir()
    shutil.copy(home.root / "dvc.lock", home.lock(NIGHT))

    facts = {"night": str(NIGHT), "sky": "toy", "origin": "simulated", "git_revision": "c" * 40}
    facts |= {"dataset_md5": pipeline.md5(home, "dataset.parquet") or "", "feature_schema": schema.digest()}
    training.fit(rows, TrainParams(rounds=40, patience=5, max_depth=3, eta=0.3, min_labels=8), facts, home.model)
    write_json({"macro_f1": 0.9}, home.evaluation / "metrics.json")
    place = Workspace(Settings(), None, home)
    version = place.registry().register(home.model, home.evaluation)
    place.registry().promote(version, None, why="first")
    found = place.champion()
    assert found is not None
    _, classifier = found
    told = pq.read_table(score(home, NIGHT, classifier, version))
    ids = dict(zip(told["oid"].to_pylist(), told["prediction_id"].to_pylist(), strict=True))
    return Scored(place, ids, _answered(home, classifier, version, features.slice(5, 1)))


def _answered(home: Home, classifier: Classifier, version: int, row: pa.Table) -> str:
    probabilities = classifier.probabilities(row)
    answer = Answer(
        id="my star",
        probabilities=dict(zip(classifier.bundle.classes, probabilities[0].tolist(), strict=True)),
        decision=classifier.decide(probabilities)[0],
        model_version=version,
        dataset_md5=classifier.bundle.dataset_md5,
        prediction_id="9f0c2f7e-0000-4000-8000-000000000000",
        too_few_points=False,
    )
    # A line as the log of answers has it; these features are not those of the schema.
    values = {name: value if value == value else None for name, value in row.drop_columns("oid").to_pylist()[0].items()}
    facts = {"answered_at": "2020-03-02T03:04:05.678+00:00", "feature_schema": schema.digest(), "features": values}
    home.answers.mkdir(parents=True)
    with (home.answers / f"predictions-v{version}-1.jsonl").open("a") as lines:
        for one in (*(f"another-{number}" for number in range(3)), answer.prediction_id):
            lines.write(json.dumps(answer.model_dump() | facts | {"prediction_id": one}) + "\n")
        lines.write('{"id": "cut sh')
    return answer.prediction_id


def test_every_prediction_of_a_night_has_its_own_id_and_scoring_again_gives_the_same(scored: Scored) -> None:
    home, found = scored.place.home, scored.place.champion()
    assert found is not None
    assert len(set(scored.ids.values())) == len(scored.ids) == 160
    before = home.predictions(NIGHT).read_bytes()
    assert score(home, NIGHT, found[1], found[0]).read_bytes() == before


def test_a_night_s_prediction_is_explained_back_to_the_archives(scored: Scored) -> None:
    told = explain(scored.place, scored.ids[OID])
    assert told["asked"] == {"oid": OID, "of": "night", "night": str(NIGHT), "answered_at": None}
    assert told["answer"]["decision"] == told["answer"]["best"] == "SNIa"
    assert told["answer"]["probabilities"]["SNIa"] >= told["answer"]["threshold"]
    assert told["model"]["version"] == 1
    assert told["model"]["git_revision"] == "c" * 40
    assert told["dataset"]["md5"] == pipeline.md5(scored.place.home, "dataset.parquet")
    assert told["dataset"]["lock"] == str(scored.place.home.lock(NIGHT))
    assert told["dataset"]["nights"] == [str(FIRST), str(NIGHT)]
    asked = {"url": "http://alerce.example", "requests": 6, "received_bytes": 3_000_000}
    assert told["dataset"]["archives"] == {"ALeRCE": asked}
    assert told["notes"] == []


def test_what_came_for_the_object_is_told_table_by_table_with_distances(scored: Scored) -> None:
    told = explain(scored.place, scored.ids[OID])["object"]
    assert told["tables"]["detections"] == {"from": ["ALeRCE"], "received": 8, "accepted": 7}
    assert told["tables"]["catalogues"]["from"] == ["BTS", "CDS XMatch"]
    assert {name: rows["received"] for name, rows in told["tables"].items()} == {
        "objects": 1,
        "detections": 8,
        "non_detections": 1,
        "releases": 1,
        "catalogues": 1,
    }
    distances = {(one["archive"], one["identifier"]): round(one["arcsec"], 2) for one in told["matches"]}
    assert distances == {("ZTF", OID): 0.0, ("ztf_dr24", "7"): 0.36, ("BTS", "SN2020aa"): 0.72}
    assert told["failures"] == {"tic": "503 from MAST"}
    assert told["archives"]["ALeRCE"]["requests"] == 3


def test_the_five_features_that_decided_are_told_with_their_place_in_the_training_data(scored: Scored) -> None:
    deciding = explain(scored.place, scored.ids[OID])["deciding"]
    assert len(deciding) == 5
    assert [abs(one["contribution"]) for one in deciding] == sorted(
        (abs(one["contribution"]) for one in deciding), reverse=True
    )
    assert {deciding[0]["feature"], deciding[1]["feature"]} == {"colour", "period"}
    row = pq.read_table(scored.place.home.features / f"{NIGHT}.parquet", filters=[("oid", "=", OID)])
    colours = pq.read_table(scored.place.home.dataset)["colour"]
    (colour,) = [one for one in deciding if one["feature"] == "colour"]
    assert colour["value"] == row["colour"][0].as_py()
    below = pc.sum(pc.less_equal(colours, row["colour"][0])).as_py()
    assert colour["quantile"] == pytest.approx(below / len(colours), abs=0.001)


def test_an_answer_of_the_endpoint_is_found_in_its_log(scored: Scored) -> None:
    told = explain(scored.place, scored.answer)
    assert told["asked"]["of"] == "endpoint"
    assert told["asked"]["oid"] == "my star"
    assert told["asked"]["answered_at"].startswith("20")
    assert len(told["deciding"]) == 5
    assert told["object"] is None
    assert "no object called my star was ever fetched" in told["notes"]


def test_a_version_that_is_not_at_hand_comes_from_the_registry(scored: Scored) -> None:
    shutil.rmtree(scored.place.home.version(1))
    assert explain(scored.place, scored.ids[OID])["model"]["version"] == 1


def test_features_that_were_computed_again_are_not_taken_for_those_that_decided(scored: Scored) -> None:
    path = scored.place.home.features / f"{NIGHT}.parquet"
    kept = path.read_bytes()
    table = pq.read_table(path)
    place = table.column_names.index("colour")
    write_table(table.set_column(place, "colour", pc.add(table["colour"], pa.scalar(1, pa.float32()))), path)
    try:
        told = explain(scored.place, scored.ids[OID])
        assert told["deciding"] is None
        assert any("computed again" in note for note in told["notes"])
        path.unlink()
        assert any("are gone" in note for note in explain(scored.place, scored.ids[OID])["notes"])
    finally:
        path.write_bytes(kept)


def test_a_data_set_no_lock_names_any_more_is_said_so(scored: Scored) -> None:
    lock = scored.place.home.lock(NIGHT)
    kept = lock.read_text()
    lock.write_text(kept.replace(pipeline.md5(scored.place.home, "dataset.parquet") or "", "0" * 32))
    try:
        told = explain(scored.place, scored.ids[OID])
        assert told["dataset"]["lock"] is None
        assert any("no kept dvc.lock" in note for note in told["notes"])
    finally:
        lock.write_text(kept)


def test_an_object_without_a_usable_point_is_uncertain_and_the_reason_is_told(scored: Scored) -> None:
    told = explain(scored.place, scored.ids[POINTLESS])
    assert told["answer"]["decision"] == "uncertain"
    assert told["answer"]["probabilities"][told["answer"]["best"]] >= told["answer"]["threshold"]
    assert told["notes"][0].startswith("no class is named without a usable point")


@pytest.mark.parametrize("prediction_id", ["", "0" * 32, "another", OID])
def test_an_unknown_id_is_one_sentence(scored: Scored, prediction_id: str) -> None:
    with pytest.raises(BadInput, match="no prediction has the id"):
        explain(scored.place, prediction_id)


@pytest.fixture
def says(scored: Scored, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(workspace, "current", lambda: scored.place)
    return CliRunner()


def test_the_command_prints_it_for_people_and_for_programs(scored: Scored, says: CliRunner) -> None:
    from deployments.cli import app

    told = says.invoke(app, ["explain", scored.ids[OID]]).output
    for part in (
        OID,
        "SNIa",
        "colour",
        "c" * 40,
        "of 2 nights, 2020-02-29 to 2020-03-01",
        "BTS: SN2020aa, 0.72 arcsec",
    ):
        assert part in told
    as_json = json.loads(says.invoke(app, ["explain", scored.ids[OID], "--json"]).output)
    assert as_json == explain(scored.place, scored.ids[OID])
    assert "prediction" in says.invoke(app, ["explain", scored.answer]).output


def test_the_history_of_champions_is_printed(scored: Scored, says: CliRunner) -> None:
    from deployments.cli import app

    told = says.invoke(app, ["history"]).output
    assert "Champions of live" in told
    assert "champion: version 1" in told
    assert "first" in told
