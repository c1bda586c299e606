"""The DVC stage ``evaluate``: scores and predictions on the test rows, and the model card."""

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.evaluation.card import asked, write_card
from starloop.evaluation.figures import Headline
from starloop.evaluation.lengths import by_length
from starloop.evaluation.tested import cut_short
from starloop.model.bundle import Classifier
from starloop.model.dataset import labelled
from starloop.model.evaluation import evaluate
from starloop.nights.store import Home, write_json, write_table


def write(home: Home) -> None:
    """Fill ``evaluation/`` for the home's model and the test rows of its data set.

    ``metrics.json`` and ``predictions.parquet`` are for programs; ``card.md`` and ``card.html`` with their SVG pictures
    for people. The same model and data give the same bytes.
    """
    classifier = Classifier.load(home.model)
    dataset = pq.read_table(home.dataset)
    test = labelled(dataset, "test")
    home.evaluation.mkdir(parents=True, exist_ok=True)
    _predictions(home, classifier, test)
    cut = cut_short(home, classifier, test)
    lengths = by_length(cut, lambda features: asked(classifier, features)) if cut else None
    told = [{"days": row.name, **_figures(row.headline)} for row in lengths.rows] if lengths else []
    metrics = {**evaluate(classifier, test), "by_length": told}
    write_json(metrics, home.evaluation / "metrics.json")
    write_card(home.evaluation, home.model, dataset, metrics, lengths)


def _figures(headline: Headline) -> dict[str, float]:
    return {name: round(getattr(headline, name).value, 6) for name in ("accuracy", "macro_f1")}


def _predictions(home: Home, classifier: Classifier, test: pa.Table) -> None:
    probabilities = classifier.probabilities(test)
    table = test.select(["oid", "night", "label"])
    table = table.append_column("decision", pa.array(classifier.decide(probabilities), pa.string()))
    for number, name in enumerate(classifier.bundle.classes):
        table = table.append_column(f"p_{name}", pa.array(probabilities[:, number]))
    write_table(table, home.evaluation / "predictions.parquet")
