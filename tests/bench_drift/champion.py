"""The champion of the bench, and the data set a loop has after so many nights on a seed's sky."""

import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa

from starloop.drift.reference import describe
from starloop.features import schema
from starloop.features.assembly import curves
from starloop.features.extract import extract
from starloop.model.bundle import Classifier
from starloop.model.dataset import build
from starloop.model.params import DatasetParams
from starloop.model.training import fit
from starloop.nights.calendar import Night
from starloop.nights.store import Home, write_table
from starloop.params import Params
from starloop.pipeline import ROOT
from starloop.sky.simulator.observed import Tables
from tests.bench_drift.nights import active, cut, observed
from tests.bench_drift.skies import Span, skies

SEED, OBJECTS, NIGHTS = 1_000_003, 3000, 40
"""The champion's own sky, and how many of its nights it learnt from."""


def train(folder: Path) -> Path:
    """Train a champion, with the knobs of params.yaml, on a sky that no seed has."""
    span = Span.of(SEED)
    (_, sky), *_ = skies(SEED, (), OBJECTS)
    nights = observed(sky.tables, span.first, span.middle)[-NIGHTS:]
    facts = {
        "night": str(nights[-1]),
        "sky": "bench",
        "origin": "simulated",
        "git_revision": "",
        "dataset_md5": "",
        "feature_schema": schema.digest(),
    }
    return fit(data_set(sky.tables, nights), Params.read(ROOT / "params.yaml").train, facts, folder)


def data_set(tables: Tables, nights: list[Night]) -> pa.Table:
    """Build the data set of a loop that has run these nights.

    It holds each object's newest features: only these are computed.
    """
    newest = {oid: night for night in nights for oid in active(tables, night).to_pylist()}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        for night in nights:
            oids = pa.array(sorted(oid for oid, last in newest.items() if last == night), pa.string())
            known = cut(tables, night, oids)
            write_table(features(known), home.features / f"{night}.parquet")
            for name in ("objects", "catalogues"):
                write_table(known[name], home.good(night) / f"{name}.parquet")
        return build(home, nights[-1], DatasetParams())


def features(tables: Tables) -> pa.Table:
    """Compute the features of a night."""
    return extract(curves(tables, Path()))


def reference(classifier: Classifier, dataset: pa.Table) -> dict[str, Any]:
    """Describe a data set as if the champion had been trained on it."""
    probabilities = classifier.probabilities(dataset)
    decisions, confidence = classifier.decide(probabilities), probabilities.max(axis=1).tolist()
    return describe(dataset, classifier.bundle.features, decisions, confidence)
