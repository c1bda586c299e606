"""Training rows as an asker may send them: without what not everybody has of an object.

Nearly every variable star has data-release photometry and hardly a supernova: that a column is empty would tell the
class, of objects that survey knows and wrongly of those somebody asks about.
"""

import hashlib
from dataclasses import replace

import numpy as np

from starloop.features.blocks import BLOCKS
from starloop.model.boosting import Rows

_RANGE = 2**64


def hide(rows: Rows, share: float) -> Rows:
    """Empty, at a share of the positions each, the columns of every block that needs more than alert photometry.

    Parameters
    ----------
    rows : Rows
        At one position the same is hidden of all rows, at every training.
    share : float
        From 0, nothing, to 1, everything.
    """
    shown = rows.features.copy()
    positions, of = np.unique(rows.group, return_inverse=True)
    for source in sorted({block.beside for block in BLOCKS if block.beside}):
        inside = {name for block in BLOCKS if block.beside == source for name in block.names}
        columns = np.array([name in inside for name in rows.names], dtype=bool)
        chosen = np.array([_place(source, position) < share for position in positions.tolist()], dtype=bool)[of]
        shown[np.ix_(chosen, columns)] = np.nan
    return replace(rows, features=shown)


def _place(source: str, position: int) -> float:
    """Give a position a number in [0, 1) that is its own, for each source another."""
    return int.from_bytes(hashlib.sha256(f"{source} {position}".encode()).digest()[:8]) / _RANGE
