"""A small labelled data set whose classes can be told apart, and models trained on it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from starloop.model import training
from starloop.model.params import TrainParams

COUNTS = {"SNIa": 60, "RRL": 60, "QSO": 40}
FACTS = {
    "night": "2020-03-01",
    "sky": "toy",
    "origin": "simulated",
    "git_revision": "0" * 40,
    "dataset_md5": "0" * 32,
    "feature_schema": "f" * 64,
}
PARAMS = TrainParams(rounds=40, patience=5, max_depth=3, eta=0.3, min_labels=8)


def _toy(counts: dict[str, int], spread: float = 0.3, seed: int = 0) -> pa.Table:
    """Draw a data set: each leaf's two features scatter around a point of its own."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(list(counts), list(counts.values()))
    centre = {leaf: (3 * np.cos(2.4 * n), 3 * np.sin(2.4 * n)) for n, leaf in enumerate(counts)}
    places = np.array([centre[leaf] for leaf in labels]) + spread * rng.standard_normal((len(labels), 2))
    n = len(labels)
    period = np.where(rng.uniform(size=n) < 0.05, np.nan, places[:, 1])
    text = pa.string()
    return pa.table(
        {
            "oid": [f"ZTF20{row:07d}" for row in range(n)],
            "night": ["2020-03-01"] * n,
            "ra": rng.uniform(0, 360, n),
            "dec": rng.uniform(-30, 80, n),
            "group": np.arange(n),
            "split": pa.array(np.where(np.arange(n) % 4 == 0, "test", "train"), text),
            "label": pa.array(labels, text),
            "catalogue": ["BTS"] * n,
            "entry": [f"SN{row}" for row in range(n)],
            "type": pa.array(labels, text),
            "distance": np.full(n, 0.1),
            "since": ["2020-03-01"] * n,
            "conflicts": np.zeros(n, dtype=np.int64),
            "others": pa.nulls(n, text),
            "colour": pa.array(places[:, 0], pa.float32()),
            "period": pa.array(period, pa.float32(), from_pandas=True),
        }
    )


def _fit(rows: pa.Table, folder: Path) -> Path:
    return training.fit(rows, PARAMS, FACTS, folder)


@pytest.fixture(scope="session")
def toy() -> Callable[..., pa.Table]:
    """Draw a data set of so many objects a leaf."""
    return _toy


@pytest.fixture(scope="session")
def fit() -> Callable[[pa.Table, Path], Path]:
    """Train on a data set and give the model's folder."""
    return _fit


@pytest.fixture(scope="session")
def rows() -> pa.Table:
    """The data set the models are trained on."""
    return _toy(COUNTS)


@pytest.fixture(scope="session")
def model(rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model folder."""
    return _fit(rows, tmp_path_factory.mktemp("model") / "model")


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one, from other rows."""
    return _fit(_toy(COUNTS, seed=1), tmp_path_factory.mktemp("other_model") / "model")
