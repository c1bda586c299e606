"""The model of the benchmark, and what it is asked: simulated light curves, and trees as many as a champion's."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import xgboost as xgb

from starloop.features.extract import extract
from starloop.model import anomaly, bundle, taxonomy
from starloop.model.calibration import Calibration
from starloop.params import Params
from starloop.pipeline import ROOT
from starloop.sky.simulator.kinds import KINDS
from tests.endpoint.toys import toy_model
from tests.light_curves import simulated

POINTS = 100
"""In each of two bands; those too faint to be seen are upper limits."""
OF_A_KIND = 12


def sky() -> tuple[pa.Table, list[str]]:
    """Give light curves of every kind that has a class, and the class of each."""
    each = [simulated(kind, OF_A_KIND, 1, np.full(OF_A_KIND, POINTS)) for kind in KINDS]
    known = [(curves, labels) for curves, labels in each if set(labels) <= set(taxonomy.parents())]
    return pa.concat_tables([curves for curves, _ in known]).combine_chunks(), [
        one for _, many in known for one in many
    ]


def trained(folder: Path, features: pa.Table, labels: list[str]) -> Path:
    """Train as many rounds as params.yaml lets a champion have, and keep it in a model folder."""
    classes = taxonomy.ordered(set(labels))
    knobs = Params.read(ROOT / "params.yaml").train
    toy = toy_model(folder / "toy", "a" * 32)
    facts = bundle.Classifier.load(toy).bundle
    names = ("max_depth", "eta", "min_child_weight", "subsample", "colsample_bytree", "max_bin", "seed")
    parameters = {name: getattr(knobs, name) for name in names}
    values = bundle.matrix(features, facts.features)
    booster = xgb.train(
        parameters | {"objective": "multi:softprob", "num_class": len(classes), "nthread": 1},
        xgb.DMatrix(values, [classes.index(label) for label in labels]),
        num_boost_round=knobs.rounds,
    )
    trees, forest = bytes(booster.save_raw("ubj")), anomaly.grow(values, knobs.seed).written()
    even = dict.fromkeys(classes, 1.0)
    changed: dict[str, Any] = {
        "classes": classes,
        "calibration": Calibration(method="vector", scales=[1.0] * len(classes), offsets=[0.0] * len(classes)),
        "weights": even,
        "thresholds": dict.fromkeys(classes, 0.5),
        "folded": {},
        "dropped": {},
        "booster": hashlib.sha256(trees).hexdigest(),
        "forest": hashlib.sha256(forest).hexdigest(),
    }
    return bundle.save(facts.model_copy(update=changed), trees, folder / "model", forest=forest)


def asked(curves: pa.Table) -> list[dict[str, Any]]:
    """Give light curves as ``POST /classify`` takes them."""
    return [{"id": row.pop("oid"), **row} for row in curves.to_pylist()]


def rows(features: pa.Table) -> list[dict[str, float | None]]:
    """Give ready features as ``POST /score`` takes them: what is missing is null."""
    columns = features.drop_columns(["oid"]).to_pylist()
    return [{name: value if value == value else None for name, value in row.items()} for row in columns]


def body(asked: object) -> bytes:
    """Give what is sent."""
    return json.dumps(asked, allow_nan=False, separators=(",", ":")).encode()


def made(folder: Path) -> tuple[Path, pa.Table, pa.Table]:
    """Give the model folder, the light curves and their features."""
    curves, labels = sky()
    features = extract(curves)
    return trained(folder, features, labels), curves, features
