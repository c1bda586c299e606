"""Model versions for tests of the endpoint: small ones, and ones that must not be let through."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from starloop.endpoint import build
from starloop.endpoint.prediction_log import SMOKE
from starloop.features import schema
from starloop.model import anomaly, bundle
from starloop.model.calibration import Calibration
from starloop.nights.store import Home


def toy_model(folder: Path, dataset_md5: str, *, opposite: bool = False) -> Path:
    """Make a model folder of two classes, trained on random features; the opposite one confuses the classes."""
    import xgboost as xgb

    generator = np.random.default_rng(7)
    features = generator.normal(size=(200, len(schema.NAMES))).astype(np.float32)
    truth = ((features[:, 0] > 0) ^ opposite).astype(int)
    parameters = {"objective": "multi:softprob", "num_class": 2, "max_depth": 2, "nthread": 1, "seed": 7}
    booster = xgb.train(parameters, xgb.DMatrix(features, truth), num_boost_round=5)
    trees = bytes(booster.save_raw("ubj"))
    forest = anomaly.grow(features, seed=7).written()
    facts = bundle.Bundle(
        classes=["RRL", "SNIa"],
        features=list(schema.NAMES),
        feature_schema=schema.digest(),
        calibration=Calibration(method="temperature", scales=[1.0, 1.0], offsets=[0.0, 0.0]),
        weights={"RRL": 1.0, "SNIa": 1.0},
        parameters={},
        thresholds={"RRL": 0.5, "SNIa": 0.5},
        dataset_md5=dataset_md5,
        git_revision="0" * 40,
        night="2020-03-01",
        sky="embedded",
        origin="simulated",
        folded={"RRLc": "RRL"},
        dropped={"TDE": 3},
        metrics={
            "macro_f1": 0.9,
            "classes": {
                "RRL": {"precision": 0.9, "recall": 0.8, "f1": 0.85, "support": 40},
                "SNIa": {"precision": 0.95, "recall": 0.9, "f1": 0.92, "support": 31},
            },
        },
        reference={"features": {}},
        booster=hashlib.sha256(trees).hexdigest(),
        forest=hashlib.sha256(forest).hexdigest(),
    )
    return bundle.save(facts, trees, folder, forest=forest)


def crashing(home: Home, model: Path, version: int, folder: Path) -> str:
    """Build a Bento that does not start: its bundle wants features this code does not have."""
    shutil.copytree(model, folder)
    facts = json.loads((folder / "bundle.json").read_text())
    (folder / "bundle.json").write_text(json.dumps(facts | {"feature_schema": "of another code"}))
    return build.build(home, folder, version)


def lying(home: Home, model: Path, version: int) -> str:
    """Build a Bento that starts, is ready, and answers with the classes' probabilities exchanged."""
    return _changed(home, model, version, "self.classifier.scored(seen)", "self.classifier.scored(seen)[:, ::-1]")


def failing_later(home: Home, model: Path, version: int) -> str:
    """Build a Bento that answers the smoke test rightly, and fails on every other light curve."""
    check = f'assert curves[0].id.startswith("{SMOKE}")'
    return _changed(
        home, model, version, "        features = extract(table", f"        {check}\n        features = extract(table"
    )


def _changed(home: Home, model: Path, version: int, old: str, new: str) -> str:
    tag = build.build(home, model, version)
    code = build.path_of(home, tag) / "src" / "starloop" / "endpoint" / "answering.py"
    assert code.read_text().count(old) == 1
    code.write_text(code.read_text().replace(old, new))
    return tag
