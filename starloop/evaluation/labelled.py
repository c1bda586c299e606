"""The labelled objects of a whole sky and the classes they make, as training would fold them."""

import math
from collections import Counter
from dataclasses import dataclass

from starloop.model import taxonomy
from starloop.model.labels import labels
from starloop.model.params import TrainParams
from starloop.sky.tables import Sky


@dataclass(frozen=True)
class Labelled:
    """Class of each object, the classes in the taxonomy's order, leaves that were folded, and those left out."""

    class_of: dict[str, str]
    order: list[str]
    folded: dict[str, str]
    left_out: dict[str, int]


def labelled(sky: Sky, params: TrainParams, folds: int) -> Labelled:
    """Label a sky's objects with a detection; a class needs as many that each fold's training rows have enough."""
    chosen = labels(sky.read("catalogues"))
    detected = set(sky.read("detections")["oid"].unique().to_pylist())
    pairs = zip(chosen["oid"].to_pylist(), chosen["label"].to_pylist(), strict=True)
    leaf_of = {oid: leaf for oid, leaf in pairs if leaf is not None and oid in detected}
    counts = Counter(leaf_of.values())
    target = taxonomy.fold(counts, math.ceil(params.min_labels * folds / (folds - 1)))
    class_of = {oid: to for oid, leaf in leaf_of.items() if (to := target[leaf]) is not None}
    return Labelled(
        class_of=class_of,
        order=taxonomy.ordered(set(class_of.values())),
        folded={leaf: to for leaf, to in target.items() if to is not None and to != leaf},
        left_out={leaf: counts[leaf] for leaf, to in target.items() if to is None},
    )
