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
from starloop.model import anomaly, taxonomy
from starloop.model.boosting import Rows
from starloop.model.bundle import Bundle, Classifier, as_json, matrix, save
from starloop.model.dataset import as_csv, conflicts, feature_names, labelled
from starloop.model.evaluation import evaluate, scores, summary
from starloop.model.hiding import hide
from starloop.model.importance import importances
from starloop.model.label_noise import doubted, noise, suspects
from starloop.model.learning import Learned, learn
from starloop.model.params import TrainParams
from starloop.model.search import search
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
        The folder, as `fit` writes it.

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

    The folder has ``booster.ubj``, ``bundle.json`` and ``forest.npz``, which travel, and for people
    ``importances.json``, ``suspects.csv`` (labels that are probably wrong), ``conflicts.csv`` (labels that catalogues
    disagree about) and, after a search, ``search.json``. The same data set, parameters and facts give the same bytes.

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
    rows = rows.filter(pa.array([target[leaf] is not None for leaf in rows["label"].to_pylist()], pa.bool_()))
    known = Rows(
        features=matrix(rows, names),
        truth=np.array([classes.index(str(target[leaf])) for leaf in rows["label"].to_pylist()], dtype=np.int64),
        group=rows["group"].to_numpy(),
        names=names,
        classes=len(classes),
    )
    known = hide(known, params.hidden_share)
    params, trials = search(known, params)
    learned = learn(known, params)
    trees = bytes(learned.booster.save_raw("ubj"))
    forest = anomaly.grow(known.features, params.seed).written()
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
        forest=hashlib.sha256(forest).hexdigest(),
        **facts,
    )
    classifier = Classifier(draft, learned.booster)
    said = classifier.probabilities(dataset)
    bundle = draft.model_copy(
        update={
            "metrics": _metrics(classifier, dataset, known, learned),
            "reference": describe(dataset, names, classifier.decide(said), said.max(axis=1).tolist()),
        }
    )
    told = {
        "importances.json": as_json(importances(known, learned.held_out, classes, params.seed)),
        "suspects.csv": as_csv(suspects(rows, learned.out_of_fold, known.truth, classes)),
        "conflicts.csv": as_csv(conflicts(dataset)),
        **({"search.json": as_json(trials)} if trials else {}),
    }
    return save(bundle, trees, folder, told, forest)


def _metrics(classifier: Classifier, dataset: pa.Table, known: Rows, learned: Learned) -> dict[str, Any]:
    """Give the bundle's metrics, on the test rows and out of fold."""
    bundle, test = classifier.bundle, labelled(dataset, "test")
    seems = doubted(learned.out_of_fold, known.truth)
    return {
        **evaluate(classifier, test),
        "out_of_fold": summary(scores(bundle, known.truth, learned.out_of_fold)),
        "label_noise": noise(seems, known.truth, bundle.classes),
        "labelled": labelled(dataset, "train").num_rows + test.num_rows,
        "trained_on": len(known.truth),
        "rounds": learned.rounds,
        "xgboost": xgb.__version__,
    }
