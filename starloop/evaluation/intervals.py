"""Bootstrap intervals: how much a figure would differ, had other objects been tested (Efron 1979,
doi:10.1214/aos/1176344552)."""

from dataclasses import dataclass

import numpy as np

from starloop.evaluation.answers import Answers
from starloop.model.calibration import Ints, Reals
from starloop.model.evaluation import calibration_error

DRAWS = 1000
CONFIDENCE = 0.95
SEED = 1


@dataclass(frozen=True)
class Interval:
    """A figure and the ends of its 95 % bootstrap interval; NaN where undefined."""

    value: float
    low: float
    high: float


def interval(value: float, draws: Reals) -> Interval:
    """Give a figure its percentile interval; draws in which it is undefined do not count.

    Parameters
    ----------
    value : float
        Of all objects.
    draws : ndarray, shape (draws,)
        Of the resamples.
    """
    defined = draws[np.isfinite(draws)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(defined, [tail, 1 - tail]) if len(defined) else (np.nan, np.nan)
    return Interval(float(value), float(low), float(high))


def resampled(counts: Ints, seed: int = SEED) -> Ints:
    """Draw units with replacement and add up what each of them counts.

    Units that count the same are drawn together, as one cell of a multinomial: exact, and as cheap as there are
    kinds of units.

    Parameters
    ----------
    counts : ndarray, shape (units, cells)
        What each unit adds: a row of an object to one cell of a confusion matrix, an object with several rows to more.
    seed : int
        The same seed draws the same units.

    Returns
    -------
    ndarray, shape (DRAWS, cells)
    """
    kinds, number = np.unique(counts, axis=0, return_counts=True)
    units = number.sum()
    weights = np.random.default_rng(seed).multinomial(units, number / units, DRAWS)
    result: Ints = weights @ kinds
    return result


def confusions(answers: Answers) -> Ints:
    """Give the confusion matrix of every resample of the objects, shape (DRAWS, classes, classes)."""
    size = len(answers.classes)
    counts = np.eye(size * size, dtype=np.int64)[answers.truth * size + answers.answer]
    return resampled(counts).reshape(DRAWS, size, size)


def calibration(answers: Answers) -> Interval:
    """Give the expected calibration error its interval.

    A resample's error is larger than the whole's, because chance never cancels in a sum of distances. So the
    draws are moved back by their mean excess.
    """
    value = calibration_error(answers.best, answers.best_is_true)
    n = len(answers)
    if not n:
        return Interval(value, np.nan, np.nan)
    generator = np.random.default_rng(SEED)
    drawn = (generator.integers(n, size=n) for _ in range(DRAWS))
    errors = np.array([calibration_error(answers.best[rows], answers.best_is_true[rows]) for rows in drawn])
    return interval(value, np.maximum(errors - (errors.mean() - value), 0.0))


def chance_calibration(answers: Answers) -> float:
    """Give the calibration error that perfect probabilities would show by chance, on as many objects (the mean)."""
    generator = np.random.default_rng(SEED)
    came = (generator.uniform(size=len(answers)) < answers.best for _ in range(DRAWS))
    return float(np.mean([calibration_error(answers.best, right) for right in came]))
