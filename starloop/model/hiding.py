"""Training rows as an asker may send them: without what not everybody has of an object.

Nearly every variable star has data-release photometry and hardly a supernova: that a column is empty would tell the
class, of objects that survey knows and wrongly of those somebody asks about.
"""

from dataclasses import replace

import numpy as np

from starloop.features.blocks import BLOCKS
from starloop.model.boosting import Rows
from starloop.model.splits import drawn


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
    for source in sorted({block.beside for block in BLOCKS if block.beside}):
        inside = {name for block in BLOCKS if block.beside == source for name in block.names}
        columns = np.array([name in inside for name in rows.names], dtype=bool)
        shown[np.ix_(drawn(rows.group, share, f"{source} "), columns)] = np.nan
    return replace(rows, features=shown)
