"""A table sorted by a key, whose rows of one key are found without looking at the others."""

from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.sky.server.sphere import Ints, mean_positions


class Grouped:
    """A table sorted by `key`.

    Parameters
    ----------
    table : pa.Table
        Sorted by `key`, which is never null.
    key : str
        Name of the column.
    """

    def __init__(self, table: pa.Table, key: str) -> None:
        self.table = table
        runs = pc.run_end_encode(table[key].combine_chunks())
        self.keys = pa.array(runs.values)
        self.ends: Ints = runs.run_ends.to_numpy().astype(np.int64)
        self.starts: Ints = np.concatenate([[0], self.ends[:-1]]).astype(np.int64) if len(self.ends) else self.ends

    @cached_property
    def _place(self) -> dict[str | int, int]:
        return dict(zip(self.keys.to_pylist(), range(len(self.keys)), strict=True))

    def of(self, key: str | int) -> pa.Table:
        """Give the rows of one key: none when it is not there."""
        place = self._place.get(key)
        if place is None:
            return self.table.slice(0, 0)
        return self.table.slice(int(self.starts[place]), int(self.ends[place] - self.starts[place]))

    def of_places(self, places: Ints) -> pa.Table:
        """Give the rows of the keys at these places of `keys`, in the table's order."""
        parts = [
            self.table.slice(self.starts[place], self.ends[place] - self.starts[place]) for place in np.unique(places)
        ]
        return pa.concat_tables([self.table.slice(0, 0), *parts]).combine_chunks()

    def positions(self) -> tuple[pa.Array, pa.Array]:
        """Give each key's mean `ra` and `dec`, degrees; null where it has none."""
        ra, dec = (self.table[name].to_numpy().astype(np.float64) for name in ("ra", "dec"))
        mean_ra, mean_dec = mean_positions(ra, dec, self.starts)
        return pa.array(mean_ra, from_pandas=True), pa.array(mean_dec, from_pandas=True)
