"""What every class of simulated object gives: its catalogue facts and its magnitude at any time."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Magnitude = Callable[[Ints, Reals, Ints], Reals]

GREEN, RED = 1, 2


@dataclass(frozen=True)
class Objects:
    """So many objects of one class.

    Parameters
    ----------
    catalogue : str or None
        The catalogue that lists them; None when none does.
    types : list of str
        Their types, as that catalogue writes them.
    period : array of shape (n,)
        Days; NaN where there is none.
    redshift : array of shape (n,)
        NaN where there is none.
    in_reference : bool
        Whether the survey's reference image shows them; a transient is not there.
    mag : callable
        ``mag(which, mjd, fid)``: apparent AB magnitude of object number `which` at heliocentric `mjd`
        through filter `fid`; three arrays of one shape in, one array of that shape out.
    bogus_rate : float
        Chance that an exposure gives a spurious alert at this object.
    """

    catalogue: str | None
    types: list[str]
    period: Reals
    redshift: Reals
    in_reference: bool
    mag: Magnitude
    bogus_rate: float = 0.0

    def __len__(self) -> int:
        return len(self.types)

    def take(self, rows: Ints) -> "Objects":
        """Keep these objects, in this order."""
        return replace(
            self,
            types=[self.types[row] for row in rows],
            period=self.period[rows],
            redshift=self.redshift[rows],
            mag=lambda which, mjd, fid: self.mag(rows[which], mjd, fid),
        )

    def brighter(self, by: float) -> "Objects":
        """Bring the same objects nearer: every magnitude smaller `by` this much."""
        return replace(self, mag=lambda which, mjd, fid: self.mag(which, mjd, fid) - by)


def unknown(n: int) -> Reals:
    """Give `n` NaNs: a period or a redshift that does not exist."""
    return np.full(n, np.nan)


def faint_rising(rng: np.random.Generator, n: int, brightest: float, faintest: float, slope: float) -> Reals:
    """Draw magnitudes whose counts grow as ``10**(slope * mag)`` between two limits."""
    low, high = 10 ** (slope * brightest), 10 ** (slope * faintest)
    return np.log10(rng.uniform(low, high, n)) / slope
