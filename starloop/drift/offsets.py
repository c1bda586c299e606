"""Magnitude offsets of objects seen both in the training reference and in a night."""

from typing import Any

import numpy as np
import pyarrow as pa

FEWEST_OBJECTS = 20
_MEDIAN = "_median"


def magnitude_offsets(reference: dict[str, Any], current: pa.Table) -> dict[str, float | None]:
    """Give each band's median change of the same objects' median magnitudes.

    A calibration offset of a tenth of a magnitude drowns in the spread of magnitudes over the sky; object by
    object it stands out. A faded transient moves all bands, and the median over objects hardly.

    Parameters
    ----------
    reference : dict
        As `reference.describe` gave it.
    current : pa.Table
        ``oid`` and the features of a night's objects.

    Returns
    -------
    dict
        Band to offset (current minus reference, mag); null with fewer than `FEWEST_OBJECTS` objects in common.
    """
    row_of = {oid: row for row, oid in enumerate(reference["oids"])}
    oids = current["oid"].to_pylist()
    common = [(row_of[oid], row) for row, oid in enumerate(oids) if oid in row_of]
    before, now = np.array(common, dtype=int).reshape(-1, 2).T
    offsets: dict[str, float | None] = {}
    for name in sorted(name for name in reference["features"] if name.endswith(_MEDIAN)):
        change = current[name].to_numpy()[now] - np.array(reference["features"][name], dtype=float)[before]
        change = change[np.isfinite(change)]
        enough = len(change) >= FEWEST_OBJECTS
        offsets[name.removesuffix(_MEDIAN)] = round(float(np.median(change)), 4) if enough else None
    return offsets
