"""The bar on a recorded sky: supernovae by spectroscopic class, positions held out, in five folds."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.errors import BadInput
from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import calibrated, headline
from starloop.evaluation.intervals import Interval
from starloop.features.photometry import BAND_OF_FID
from starloop.features.screening import BANDS
from starloop.model.taxonomy import catalogues, leaf
from starloop.sky.tables import Sky

FOLDS = 5
FEWEST_DETECTIONS = 5
"""In each of g and r."""

CLASSES = ("SNIa", "SNII", "SNIIn", "SNIbc", "SLSN")
"""Supernovae, as the taxonomy folds the Bright Transient Survey's types."""


@dataclass(frozen=True)
class Condition:
    """One figure against its bar; `at_least` says on which side of `bar` it must be."""

    name: str
    figure: Interval
    bar: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether it is on the right side."""
        return self.figure.value >= self.bar if self.at_least else self.figure.value < self.bar


def objects(sky: Sky) -> dict[str, str]:
    """Give the class of every object that counts: typed by spectrum, with enough detections in each band.

    Raises
    ------
    BadInput
        When a class has fewer objects than two a fold.
    """
    entries = sky.read("catalogues")
    entries = entries.filter(pc.and_(pc.equal(entries["catalogue"], "BTS"), pc.is_valid(entries["oid"])))
    classes = [leaf("BTS", word) for word in entries["type"].to_pylist()]
    enough = _observed(sky)
    typed = zip(entries["oid"].to_pylist(), classes, strict=True)
    found = {oid: name for oid, name in typed if name in CLASSES and oid in enough}
    for name in CLASSES:
        number = list(found.values()).count(name)
        if number < 2 * FOLDS:
            raise BadInput(
                f"{sky.folder} has {number} {name} with {FEWEST_DETECTIONS} detections in each of g and r, and "
                f"{2 * FOLDS} of every class are needed to be tested in {FOLDS} folds: name a larger sky"
            )
    return found


def types() -> dict[str, list[str]]:
    """Give the Bright Transient Survey's types of each class."""
    words = catalogues()["BTS"].types
    return {name: [word for word, leaf_of in words.items() if leaf_of == name] for name in CLASSES}


def conditions(answers: Answers) -> list[Condition]:
    """Hold answers against the bar."""
    whole = headline(answers)
    return [
        Condition("macro-F1", whole.macro_f1, 0.62, at_least=True),
        Condition("accuracy", whole.accuracy, 0.90, at_least=True),
        Condition("expected calibration error", calibrated(answers).error, 0.03, at_least=False),
    ]


def _observed(sky: Sky) -> set[str]:
    """Give the objects with enough detections in each band."""
    detections = sky.read("detections").select(["oid", "fid"])
    enough = []
    for fid in (fid for fid, band in BAND_OF_FID.items() if band in BANDS):
        counts = detections.filter(pc.equal(detections["fid"], fid))["oid"].value_counts()
        many = np.asarray(counts.field(1)) >= FEWEST_DETECTIONS
        enough.append(set(counts.field(0).filter(pa.array(many, pa.bool_())).to_pylist()))
    return set.intersection(*enough)
