"""What is measured of a sky's labelled objects in cross-validation."""

from collections.abc import Callable
from dataclasses import dataclass

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Calibration, ClassFigures, Headline, calibrated, of_classes
from starloop.evaluation.folds import Fold, asked, cross_validate
from starloop.evaluation.lengths import ByLength, by_length
from starloop.evaluation.sample import Sample
from starloop.evaluation.slices import Slice, slices
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
    whole = lengths.rows[-1].headline
    return Study(
        folds=found,
        answers=answers,
        headline=whole,
        classes=of_classes(answers),
        calibration=calibrated(answers),
        slices=slices(answers, sample.whole),
        lengths=lengths,
    )
