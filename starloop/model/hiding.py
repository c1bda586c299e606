"""Training rows as an asker may send them: without what not everybody has of an object.

Nearly every variable star has data-release photometry and hardly a supernova: that a column is empty would tell the
class, of objects that survey knows and wrongly of those somebody asks about.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

from starloop.features.blocks import BLOCKS
from starloop.model.calibration import Ints

_RANGE = 2**64


def hidden(features: NDArray[np.float32], names: list[str], group: Ints, share: float) -> NDArray[np.float32]:
    """Empty, at a share of the positions each, the columns of every block that needs more than alert photometry.

    Parameters
    ----------
    features : ndarray, shape (n, features)
        NaN where a value is missing.
    names : list of str
        The columns.
    group : ndarray, shape (n,)
        Position on the sky. At one position the same is hidden of all rows, at every training.
    share : float
        From 0, nothing, to 1, everything.
    """
    shown = features.copy()
    for source in sorted({block.beside for block in BLOCKS if block.beside}):
        inside = {name for block in BLOCKS if block.beside == source for name in block.names}
        columns = np.array([name in inside for name in names], dtype=bool)
        positions, of = np.unique(group, return_inverse=True)
        rows = np.array([_place(source, position) < share for position in positions.tolist()], dtype=bool)[of]
        shown[np.ix_(rows, columns)] = np.nan
    return shown


def _place(source: str, position: int) -> float:
    """Give a position a number in [0, 1) that is its own, for each source another."""
    return int.from_bytes(hashlib.sha256(f"{source} {position}".encode()).digest()[:8]) / _RANGE
