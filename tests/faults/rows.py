"""Comparing the rows of an answer with the rows it should have."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.util import hash_array

Rows = NDArray[np.uint64]
"""Shape (n, 2): a digest of what tells each row from the others, and one of all its values."""

_PRIME = np.uint64(1_099_511_628_211)


@dataclass(frozen=True)
class Difference:
    """How an answer differs from the right one, in rows."""

    lost: int = 0
    doubled: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        """Tell whether it differs at all."""
        return self != Difference()

    def __add__(self, other: "Difference") -> "Difference":
        """Add up."""
        return Difference(self.lost + other.lost, self.doubled + other.doubled, self.changed + other.changed)


def digests(answer: pd.DataFrame, row: tuple[str, ...], values: tuple[str, ...]) -> Rows:
    """Reduce an answer to its digests; a column it does not have is null in every row."""
    columns = {name: _digests(answer, name) for name in {*row, *values}}
    both = [np.zeros(len(answer), np.uint64) for _ in range(2)]
    for digest, names in zip(both, (row, values), strict=True):
        for name in names:
            np.bitwise_xor(digest * _PRIME, columns[name], out=digest)
    return np.stack(both, axis=-1)


def _digests(answer: pd.DataFrame, name: str) -> NDArray[np.uint64]:
    """Give the same digest to the same value however its column was read: as text, or else as a number or null."""
    if name not in answer:
        return hash_array(np.full(len(answer), np.nan))
    column = answer[name]
    if pd.api.types.infer_dtype(column, skipna=True) == "string":
        return hash_array(column.astype(object).where(column.notna(), "").to_numpy(), categorize=False)
    return hash_array(column.to_numpy(float, na_value=np.nan))


def compare(right: Rows, came: Rows) -> Difference:
    """Count lost and doubled rows, and those whose values differ or that are nobody's."""
    wanted, got = (Counter(side[:, 0].tolist()) for side in (right, came))
    same = Counter(map(tuple, right.tolist())) & Counter(map(tuple, came.tolist()))
    found = wanted & got
    surplus = got - wanted
    strangers = sum(times for row, times in surplus.items() if row not in wanted)
    return Difference(
        lost=(wanted - got).total(),
        doubled=surplus.total() - strangers,
        changed=found.total() - same.total() + strangers,
    )
