"""Labels that are probably wrong: the object, held out, is confidently answered as another class.

Confident learning in its simplest form, Northcutt et al. 2021, doi:10.1613/jair.1.12125.
"""

from typing import Any

import numpy as np
import pyarrow as pa

from starloop.model.calibration import Ints, Reals

_PLAIN = 0.8


def doubted(probabilities: Reals, truth: Ints) -> Ints:
    """Give the class each row seems to be.

    That is the most probable of the classes of which it has at least the mean probability of the rows labelled so, or
    0.8 where that mean is higher: of a class that stands apart half the rows fall short of the mean.

    Parameters
    ----------
    probabilities : ndarray, shape (n, classes)
        Calibrated, out of fold.
    truth : ndarray, shape (n,)
        Index of the class each row is labelled as.

    Returns
    -------
    ndarray, shape (n,)
        Index of that class; the label's own where none is, or none is more probable.
    """
    rows, classes = np.arange(len(truth)), probabilities.shape[1]
    counts = np.bincount(truth, minlength=classes)
    own = np.bincount(truth, probabilities[rows, truth], classes) / np.maximum(counts, 1)
    confident = (probabilities >= np.minimum(own, _PLAIN)) & (counts > 0)
    claims = np.where(confident, probabilities, -1.0)
    result: Ints = np.where(claims.max(axis=1) > probabilities[rows, truth], claims.argmax(axis=1), truth)
    return result


def noise(seems: Ints, truth: Ints, classes: list[str]) -> dict[str, float]:
    """Estimate the share of wrong labels, a class: of the rows labelled so, those that seem to be another class."""
    wrong = seems != truth
    return {name: round(float(wrong[truth == n].mean()), 6) for n, name in enumerate(classes)}


def suspects(rows: pa.Table, probabilities: Reals, truth: Ints, classes: list[str]) -> pa.Table:
    """List the doubted labels for a person to look at, the plainest first.

    Parameters
    ----------
    rows : pa.Table
        Labelled rows of a data set, those the probabilities are of.
    probabilities, truth
        As `doubted`.
    classes : list of str
        Names of the classes.

    Returns
    -------
    pa.Table
        ``oid``, ``label``, ``catalogue``, ``type``, ``said`` (the class it seems to be), ``probability`` of that and
        ``of_label``, that of the label's class.
    """
    seems = doubted(probabilities, truth)
    which = np.flatnonzero(seems != truth)
    said, given = probabilities[which, seems[which]], probabilities[which, truth[which]]
    told: dict[str, Any] = {name: rows[name].take(pa.array(which)) for name in ("oid", "label", "catalogue", "type")}
    told["said"] = pa.array([classes[number] for number in seems[which]], pa.string())
    told["probability"], told["of_label"] = np.round(said, 4), np.round(given, 4)
    order = sorted(range(len(which)), key=lambda n: (given[n] - said[n], told["oid"][n].as_py()))
    return pa.table(told).take(pa.array(order, pa.int64()))
