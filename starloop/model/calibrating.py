"""Choosing a calibration on objects the booster was not trained on."""

import numpy as np

from starloop.model.calibration import Calibration, Ints, Reals, logarithm, softmax

SHRINKAGES = (1.0, 10.0, 100.0)
"""How strongly a class is held to what all classes do together: as much as so many objects say."""
_MOST_ROWS = 20_000  # thirty numbers are no better known from more
_SCALES = (0.05, 20.0)
_MOST = 3.0  # of a class's own part, in logarithms
_DECIMALS = 6


def calibrate(probabilities: Reals, truth: Ints, fold: Ints, weights: Reals, seed: int = 1) -> Calibration:
    """Choose between one temperature and a line a class by their log loss on folds they were not fitted to.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        The booster's, out of fold.
    truth : ndarray, shape (n,)
        Index of the true class.
    fold : ndarray, shape (n,)
        The fold of each row; a position on the sky is in one fold only.
    weights : ndarray, shape (classes,)
        What a row of each class weighed in training, which its probabilities are too high by.
    seed : int
        Of the choice of rows where there are more than anyone needs.
    """
    rows = np.random.default_rng(seed).permutation(len(truth))[:_MOST_ROWS]
    logits, truth, fold = logarithm(probabilities[rows]) - np.log(weights), truth[rows], fold[rows]
    losses = {shrinkage: _held_out(logits, truth, fold, shrinkage) for shrinkage in (None, *SHRINKAGES)}
    chosen = min(losses, key=losses.__getitem__)
    scales, offsets = _fitted(logits, truth, chosen)
    return Calibration(
        method="temperature" if chosen is None else f"vector, shrunk by {chosen:g}",
        scales=np.round(scales, _DECIMALS).tolist(),
        offsets=np.round(offsets - scales * np.log(weights), _DECIMALS).tolist(),
    )


def log_loss(probabilities: Reals, truth: Ints) -> float:
    """Give the mean negative logarithm of the true class's probability."""
    return float(-logarithm(probabilities[np.arange(len(truth)), truth]).mean())


def _held_out(logits: Reals, truth: Ints, fold: Ints, shrinkage: float | None) -> float:
    lost = 0.0
    for number in np.unique(fold):
        out = fold == number
        scales, offsets = _fitted(logits[~out], truth[~out], shrinkage)
        lost += log_loss(softmax(logits[out] * scales + offsets), truth[out]) * np.count_nonzero(out)
    return lost


def _fitted(logits: Reals, truth: Ints, shrinkage: float | None) -> tuple[Reals, Reals]:
    """Find the scales and offsets of least log loss; without a shrinkage one scale and no offsets."""
    from scipy.optimize import minimize

    n, classes = logits.shape
    rows, held = np.arange(n), (shrinkage or 0.0) / n

    def unpacked(point: Reals) -> tuple[Reals, Reals]:
        return np.exp(point[0] + point[1 : 1 + classes]), point[1 + classes :]

    def loss(point: Reals) -> tuple[float, Reals]:
        scales, offsets = unpacked(point)
        said = softmax(logits * scales + offsets)
        value = log_loss(said, truth) + held / 2 * float((point[1:] ** 2).sum())
        said[rows, truth] -= 1
        by_scale, by_offset = (said * logits).mean(axis=0) * scales, said.mean(axis=0)
        own = np.concatenate([by_scale, by_offset]) + held * point[1:]
        return value, np.concatenate([[by_scale.sum()], own])

    own = (0.0, 0.0) if shrinkage is None else (-_MOST, _MOST)
    bounds = [tuple(np.log(_SCALES)), *[own] * (2 * classes)]
    found = minimize(loss, np.zeros(1 + 2 * classes), jac=True, method="L-BFGS-B", bounds=bounds)
    return unpacked(found.x)
