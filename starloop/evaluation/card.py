"""The model card: what a model is, what it was taught, how far it can be trusted, and for what."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv

from starloop.evaluation import plots
from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import calibrated, headline, of_classes
from starloop.evaluation.lengths import ByLength
from starloop.evaluation.rendering import markdown, page
from starloop.evaluation.slices import slices
from starloop.model.bundle import Classifier
from starloop.model.dataset import REPORT, labelled
from starloop.model.evaluation import truths

SUSPECTS, FEATURES = 10, 20
"""How many doubted labels and how many features are shown."""


def write_card(
    folder: Path, model: Path, dataset: pa.Table, metrics: Mapping[str, Any], lengths: ByLength | None
) -> None:
    """Write ``card.md``, ``card.html`` and the pictures.

    Parameters
    ----------
    folder : Path
        Where they go.
    model : Path
        The model's folder, with what training left for people beside the model.
    dataset : pa.Table
        What it was trained on and is tested on, with the report of its labels.
    metrics : mapping
        `starloop.model.evaluation.evaluate`'s, of the test rows.
    lengths : ByLength or None
        How it fares on test objects' light curves cut short; None where there were none to cut.
    """
    classifier = Classifier.load(model)
    bundle = classifier.bundle
    importances = json.loads((model / "importances.json").read_text())
    suspects = csv.read_csv(model / "suspects.csv")
    test = labelled(dataset, "test")
    known = test.filter(pa.array(truths(bundle, test)[0], pa.bool_()))
    answers = asked(classifier, known)
    _draw(folder, answers, lengths)
    most = dict(importances["overall"][:FEATURES])
    plots.bars(most, "mean contribution to the logarithm of the odds", folder / "importances.svg")
    text = markdown(
        "card.md",
        {
            "bundle": bundle,
            "labels": json.loads((dataset.schema.metadata or {}).get(REPORT, b"{}")),
            "metrics": metrics,
            "objects": len(answers),
            "headline": headline(answers) if len(answers) else None,
            "classes": of_classes(answers),
            "calibration": calibrated(answers),
            "slices": slices(answers, known),
            "lengths": lengths,
            "noise": bundle.metrics["label_noise"],
            "doubted": len(suspects),
            "suspects": suspects.slice(0, SUSPECTS).to_pylist(),
            "importances": importances,
        },
    )
    (folder / "card.md").write_text(text, encoding="utf-8")
    (folder / "card.html").write_text(page(text, f"Model card: {bundle.sky}, {bundle.night}", folder), encoding="utf-8")


def asked(classifier: Classifier, rows: pa.Table) -> Answers:
    """Ask a model about rows with a `label`, all of classes it knows."""
    bundle = classifier.bundle
    probabilities = classifier.probabilities(rows)
    return Answers(bundle.classes, truths(bundle, rows)[1], probabilities, bundle.answers(probabilities))


def _draw(folder: Path, answers: Answers, lengths: ByLength | None) -> None:
    if len(answers):
        plots.confusion_matrix(answers, folder / "confusion.svg")
        plots.reliability_diagram(answers, folder / "reliability.svg")
        plots.precision_recall_curves(answers, folder / "precision_recall.svg")
    if lengths:
        plots.by_length(lengths, folder / "by_length.svg")
