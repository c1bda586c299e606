"""What every class of simulated object gives: where it is, what catalogues say, and its magnitude at any time."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Magnitude = Callable[[Ints, Reals, Ints], Reals]

GREEN, RED, INFRARED = 1, 2, 3
"""ZTF's filters g, r and i, as `fid` writes them."""

NOT_THERE = 99.0
"""Magnitude of what does not shine: a supernova before it explodes."""


@dataclass(frozen=True)
class Setting:
    """When and where objects are drawn.

    Parameters
    ----------
    first_mjd, last_mjd : float
        The survey's span, days (MJD, UTC).
    in_plane : bool
        Draw within `PLANE_DEG` of the Galactic plane, where only a scenario leads the survey; else outside it.
    """

    first_mjd: float
    last_mjd: float
    in_plane: bool = False


@dataclass(frozen=True)
class Objects:
    """So many objects of one class.

    Parameters
    ----------
    catalogue : str or None
        The catalogue that lists them; None when none does.
    types : list of str
        Their types, as that catalogue writes them.
    ra, dec : array of shape (n,)
        Degrees, ICRS.
    period : array of shape (n,)
        Days; NaN where there is none.
    redshift : array of shape (n,)
        NaN where there is none.
    in_reference : bool
        Whether the survey's reference image shows them; a transient is not there.
    mag : callable
        ``mag(which, mjd, fid)``: apparent AB magnitude, extinction included, of object number `which` at
        heliocentric `mjd` through filter `fid`; three arrays of one shape in, one array of that shape out.
        A pure function: the same arguments give the same magnitudes, in any order and in any batch.
    bogus_rate : float
        Chance that an exposure gives a spurious alert at this object.
    """

    catalogue: str | None
    types: list[str]
    ra: Reals
    dec: Reals
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
            ra=self.ra[rows],
            dec=self.dec[rows],
            period=self.period[rows],
            redshift=self.redshift[rows],
            mag=lambda which, mjd, fid: self.mag(rows[which], mjd, fid),
        )


def unknown(n: int) -> Reals:
    """Give `n` NaNs: a period or a redshift that does not exist."""
    return np.full(n, np.nan)


def by_filter(fid: Ints, green: Reals | float, red: Reals | float, infrared: Reals | float) -> Reals:
    """Choose a value for each filter; the arguments broadcast to the shape of `fid`."""
    return np.asarray(np.where(fid == GREEN, green, np.where(fid == RED, red, infrared)), dtype=np.float64)
