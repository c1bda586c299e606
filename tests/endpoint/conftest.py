"""A toy model folder: two classes, random features."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from starloop.features import schema
from starloop.model import bundle
from starloop.model.calibration import Calibration


def _toy_model(folder: Path, dataset_md5: str) -> Path:
    import xgboost as xgb

    generator = np.random.default_rng(7)
    features = generator.normal(size=(200, len(schema.NAMES))).astype(np.float32)
    truth = (features[:, 0] > 0).astype(int)
    parameters = {"objective": "multi:softprob", "num_class": 2, "max_depth": 2, "nthread": 1, "seed": 7}
    booster = xgb.train(parameters, xgb.DMatrix(features, truth), num_boost_round=5)
    trees = bytes(booster.save_raw("ubj"))
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
        reference={},
        booster=hashlib.sha256(trees).hexdigest(),
    )
    return bundle.save(facts, trees, folder)


@pytest.fixture(scope="session")
def toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that can be built into a Bento."""
    return _toy_model(tmp_path_factory.mktemp("toy") / "model", "a" * 32)


@pytest.fixture(scope="session")
def other_toy_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second version of it."""
    return _toy_model(tmp_path_factory.mktemp("other_toy") / "model", "b" * 32)
