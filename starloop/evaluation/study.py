"""What is measured of a sky's labelled objects in cross-validation."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Calibration, ClassFigures, Headline, calibrated, headline, of_classes
from starloop.evaluation.folds import Fold, asked, cross_validate
from starloop.evaluation.lengths import ByLength, by_length
from starloop.evaluation.sample import Sample
from starloop.evaluation.slices import Slice, slices
from starloop.features.blocks import BLOCKS
from starloop.features.schema import NAMES
from starloop.model.params import TrainParams


@dataclass(frozen=True)
class Study:
    """The figures of one sky.

    Parameters
    ----------
    folds : list of Fold
        The models.
    answers : Answers
        To the whole light curves, of objects whose position the answering model had not seen.
    headline, classes, calibration, slices
        Their figures.
    lengths : ByLength
        The same models, asked about light curves cut short.
    """

    folds: list[Fold]
    answers: Answers
    headline: Headline
    classes: list[ClassFigures]
    calibration: Calibration
    slices: dict[str, list[Slice]]
    lengths: ByLength


def study(sample: Sample, params: TrainParams, number: int, told: Callable[[], None] = lambda: None) -> Study:
    """Cross-validate and measure; `told` is called after each fold."""
    found = cross_validate(sample, params, number, told)
    lengths = by_length(sample.features, lambda features: asked(found, sample, features))
    answers = asked(found, sample, sample.whole)
    whole, parts = lengths.rows[-1].headline, slices(answers, sample.whole)
    alone = headline(asked(found, sample, _alerts(sample.whole)))
    parts["survey"].append(Slice("all, shown their alert photometry alone", len(sample), alone))
    return Study(
        folds=found,
        answers=answers,
        headline=whole,
        classes=of_classes(answers),
        calibration=calibrated(answers),
        slices=parts,
        lengths=lengths,
    )


def _alerts(features: pa.Table) -> pa.Table:
    """Leave only what is computed from alert photometry, as somebody may ask who has nothing else."""
    known = {name for block in BLOCKS if not block.beside for name in block.names}
    columns = [
        column if name in known or name not in NAMES else pa.nulls(len(features), column.type)
        for name, column in zip(features.column_names, features.columns, strict=True)
    ]
    return pa.table(columns, names=features.column_names)
