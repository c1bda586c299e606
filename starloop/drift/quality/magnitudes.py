"""Whether the same objects' magnitudes, errors and zero points are what they were."""

from collections.abc import Iterator

import numpy as np

from starloop.drift.quality.rows import ALERTS, Rows, about, beside
from starloop.drift.quality.statistics import median, weighted_median
from starloop.drift.seen import Measure

_FLOOR_MAG = 0.02
"""No object is calmer: the scatter of ZTF's calibration (Masci et al. 2019, doi:10.1088/1538-3873/aae8ac)."""


def magnitudes(rows: Rows, fewest_objects: int, fewest_rows: int) -> Iterator[Measure]:
    """Measure each band's calibration against the same objects' own past.

    ``offset`` is the median change of their magnitudes (mag), calm objects counting more: a tenth of a magnitude drowns
    in the spread of magnitudes over the sky, and in the amplitudes of variable stars. ``errors`` is the median change
    of the errors (as a share of them), ``zero point`` that of the exposures' zero points
    (mag).
    """
    source = rows.source
    if source.mag is not None:
        for band, found in beside(rows, source.mag, fewest_rows).groupby(level="band"):
            change = found["change"].to_numpy()
            scale = np.maximum(found["spread"].to_numpy(), _FLOOR_MAG)
            enough = len(change) >= fewest_objects
            offset = weighted_median(change, scale) if enough else None
            yield about(source, str(band), "offset", "calibration", offset, len(change))
    # The error of a difference image's magnitude follows the exposure's depth, which is measured by itself.
    errors = None if source is ALERTS else source.err
    for column, name in ((errors, "errors"), (source.zero_point, "zero point")):
        if column is not None:
            for band, found in beside(rows, column, fewest_rows).groupby(level="band"):
                changes = (found["change"] / (1.0 if name == "zero point" else found["before"])).to_numpy()
                known = median(changes) if len(changes) >= fewest_objects else None
                yield about(source, str(band), name, "calibration", known, len(changes))
