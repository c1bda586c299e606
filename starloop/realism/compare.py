"""How far one sky's quantities are from another's."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import ks_2samp

from starloop.realism import quantities
from starloop.realism.quantities import Quantity, Reals
from starloop.sky.tables import Sky

_BINS = np.arange(15.0, 21.01, 0.5)
_FEWEST_A_BIN = 20


@dataclass(frozen=True)
class Compared:
    """One quantity in both skies.

    Parameters
    ----------
    distance : float
        Kolmogorov and Smirnov's: the largest difference between the two cumulative distributions; NaN where
        one sky has no such thing.
    """

    simulated: Quantity
    recorded: Quantity
    distance: float


def compare(simulated: Sky, recorded: Sky) -> list[Compared]:
    """Compare every quantity of `quantities`, in its order."""
    ways = (quantities.transients, quantities.limits, quantities.epochs)
    pairs = [pair for measure in ways for pair in zip(measure(simulated), measure(recorded), strict=True)]
    return [Compared(mine, theirs, _distance(mine.values, theirs.values)) for mine, theirs in pairs]


def error_ratio(simulated: Sky, recorded: Sky, band: str) -> tuple[Reals, Reals]:
    """Compare the errors of transients at equal magnitude.

    Returns
    -------
    magnitude, ratio : arrays of shape (bins,)
        Centres of the half-magnitude bins, and simulated over recorded median error; NaN where a bin is thin.
    """
    mine, theirs = (_medians(*quantities.error_relation(sky, band)) for sky in (simulated, recorded))
    return _BINS[:-1] + 0.25, mine / theirs


def _medians(mag: Reals, error: Reals) -> Reals:
    place = np.digitize(mag, _BINS) - 1
    parts = [error[place == number] for number in range(len(_BINS) - 1)]
    return np.array([np.median(part) if len(part) >= _FEWEST_A_BIN else np.nan for part in parts])


def _distance(mine: Reals, theirs: Reals) -> float:
    if not len(mine) or not len(theirs):
        return np.nan
    return float(ks_2samp(mine, theirs, method="asymp").statistic)
