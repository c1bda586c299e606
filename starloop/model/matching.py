"""Two models' answers in the classes both know, though each may have folded rare leaves in its own way."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from starloop.model import taxonomy
from starloop.model.bundle import Classifier
from starloop.model.calibration import Ints


@dataclass(frozen=True)
class Matched:
    """Truth and answers for the same objects, as indices into `classes`; an answer outside them is -1."""

    classes: list[str]
    truth: Ints
    challenger: Ints
    champion: Ints


def match(challenger: Classifier, champion: Classifier, test: pa.Table) -> Matched:
    """Score two models on the rows whose leaf both know.

    Where one model tells apart what the other has folded together, the answers are compared folded together.

    Parameters
    ----------
    challenger, champion : Classifier
        The models.
    test : pa.Table
        Labelled rows of a data set.
    """
    shared = common(challenger, champion)
    known = np.array([leaf in shared for leaf in test["label"].to_pylist()], dtype=bool)
    rows = test.filter(pa.array(known, pa.bool_()))
    classes = sorted(set(shared.values()))
    truth = np.array([classes.index(shared[leaf]) for leaf in rows["label"].to_pylist()], dtype=np.int64)
    return Matched(
        classes, truth, _answers(challenger, rows, shared, classes), _answers(champion, rows, shared, classes)
    )


def common(challenger: Classifier, champion: Classifier) -> dict[str, str]:
    """Give every leaf both models know the finest class that neither of them divides.

    Such a class is named by its leaves, in the taxonomy's order.
    """
    trained_as = {
        leaf: (mine, theirs)
        for leaf in taxonomy.parents()
        if (mine := challenger.bundle.trained_as(leaf)) and (theirs := champion.bundle.trained_as(leaf))
    }
    together: list[list[str]] = []
    for leaf, pair in trained_as.items():
        touching = [leaves for leaves in together if any(_same(pair, trained_as[other]) for other in leaves)]
        together = [leaves for leaves in together if leaves not in touching]
        together.append([*(other for leaves in touching for other in leaves), leaf])
    order = list(taxonomy.parents())
    return {leaf: "+".join(sorted(leaves, key=order.index)) for leaves in together for leaf in leaves}


def _same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    return one[0] == other[0] or one[1] == other[1]


def _answers(classifier: Classifier, rows: pa.Table, shared: dict[str, str], classes: list[str]) -> Ints:
    """Give the index of the class each row is answered with."""
    bundle = classifier.bundle
    place = {bundle.trained_as(leaf): classes.index(to) for leaf, to in shared.items()}
    outputs = np.array([place.get(name, -1) for name in bundle.classes], dtype=np.int64)
    result: Ints = outputs[bundle.answers(classifier.probabilities(rows))]
    return result
