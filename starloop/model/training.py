"""From a data set to a model folder."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xgboost as xgb

from starloop.drift.reference import describe
from starloop.errors import BadInput
from starloop.model import taxonomy
from starloop.model.boosting import Rows
from starloop.model.bundle import Bundle, Classifier, matrix, save
from starloop.model.calibration import Ints, Reals
from starloop.model.dataset import feature_names, labelled
from starloop.model.evaluation import evaluate, scores, summary
from starloop.model.learning import learn
from starloop.model.params import TrainParams
from starloop.nights.store import Home


def train(home: Home, params: TrainParams, facts: Mapping[str, Any]) -> Path:
    """Train a challenger on the home's data set and write its folder.

    Parameters
    ----------
    home : Home
        Has the data set.
    params : TrainParams
        The knobs.
    facts : mapping
        ``night``, ``sky``, ``origin`` and ``git_revision`` of the run.

    Returns
    -------
    Path
        The folder, with ``booster.ubj`` and ``bundle.json``.

    Raises
    ------
    BadInput
        As `fit`, or when there is no data set.
    """
    from starloop.features import schema

    if not home.dataset.is_file():
        raise BadInput(f"{home.dataset} is not there to train on: process a night first")
    told = {name: facts[name] for name in ("night", "sky", "origin", "git_revision")}
    told["dataset_md5"] = hashlib.md5(home.dataset.read_bytes(), usedforsecurity=False).hexdigest()
    told["feature_schema"] = schema.digest()
    return fit(pq.read_table(home.dataset), params, told, home.model)


def fit(dataset: pa.Table, params: TrainParams, facts: Mapping[str, Any], folder: Path) -> Path:
    """Train on the labelled training rows of a data set and write a model folder.

    The same data set, parameters and facts give the same bytes.

    Parameters
    ----------
    dataset : pa.Table
        As `dataset.build` makes it.
    params : TrainParams
        The knobs.
    facts : mapping
        The bundle's ``night``, ``sky``, ``origin``, ``git_revision``, ``dataset_md5`` and ``feature_schema``.
    folder : Path
        Where the model goes; what is there is replaced.

    Raises
    ------
    BadInput
        When fewer than two classes have enough labels.
    """
    rows = labelled(dataset, "train")
    counts = Counter(rows["label"].to_pylist())
    target = taxonomy.fold(counts, params.min_labels)
    classes = taxonomy.ordered({name for name in target.values() if name is not None})
    if len(classes) < 2:
        raise BadInput(
            f"the data set's {rows.num_rows} labelled training objects make {len(classes)} class of at least "
            f"{params.min_labels} labels, and two are needed: process more nights, or lower train.min_labels"
        )
    names = feature_names(dataset)
    known = _rows(rows, target, classes, names)
    learned = learn(known, params)
    trees = bytes(learned.booster.save_raw("ubj"))
    draft = Bundle(
        classes=classes,
        features=names,
        calibration=learned.calibration,
        weights=dict(zip(classes, learned.weights.tolist(), strict=True)),
        thresholds=dict(zip(classes, learned.thresholds, strict=True)),
        parameters=params.model_dump(),
        folded={name: to for name, to in sorted(target.items()) if to is not None and to != name},
        dropped={name: counts[name] for name, to in sorted(target.items()) if to is None},
        metrics={},
        reference={},
        booster=hashlib.sha256(trees).hexdigest(),
        **facts,
    )
    bundle = draft.model_copy(
        update=_measured(Classifier(draft, learned.booster), dataset, known.truth, learned.out_of_fold, learned.rounds)
    )
    return save(bundle, trees, folder)


def _rows(table: pa.Table, target: Mapping[str, str | None], classes: list[str], names: list[str]) -> Rows:
    trained_as = np.array([classes.index(to) if (to := target[leaf]) else -1 for leaf in table["label"].to_pylist()])
    kept = trained_as >= 0
    return Rows(
        features=matrix(table, names)[kept],
        truth=trained_as[kept],
        group=table["group"].to_numpy()[kept],
        names=names,
        classes=len(classes),
    )


def _measured(
    classifier: Classifier, dataset: pa.Table, truth: Ints, probabilities: Reals, rounds: int
) -> dict[str, Any]:
    """Give the bundle's metrics, out of fold and on the test rows, and its drift reference."""
    bundle = classifier.bundle
    decisions = classifier.decide(classifier.probabilities(dataset))
    test = labelled(dataset, "test")
    return {
        "metrics": {
            **evaluate(classifier, test),
            "out_of_fold": summary(scores(bundle, truth, probabilities)),
            "labelled": labelled(dataset, "train").num_rows + test.num_rows,
            "trained_on": len(truth),
            "rounds": rounds,
            "xgboost": xgb.__version__,
        },
        "reference": describe(dataset, bundle.features, decisions),
    }
