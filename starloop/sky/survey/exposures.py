"""Exposures: which field was taken when, through which filter, how deep and how sharp."""

from dataclasses import dataclass, fields

import numpy as np

from starloop.sky.populations.objects import Flags, Ints, Reals

# 30 s of light and 10 s to read it out.
_EXPOSURE_DAYS = 40 / 86400


@dataclass(frozen=True)
class Exposures:
    """Exposures sorted by field, then time: columns of equal length.

    Parameters
    ----------
    field : array of shape (n,)
        The field's number, from zero.
    mjd : array of shape (n,)
        Days (UTC).
    fid : array of shape (n,)
        1 g, 2 r, 3 i.
    limit : array of shape (n,)
        5-sigma limiting magnitude of the difference image.
    airmass : array of shape (n,)
        At the field's centre.
    seeing : array of shape (n,)
        Full width of a star at half its maximum, arcsec.
    """

    field: Ints
    mjd: Reals
    fid: Ints
    limit: Reals
    airmass: Reals
    seeing: Reals

    def __len__(self) -> int:
        return len(self.mjd)

    def take(self, rows: Ints | Flags) -> "Exposures":
        """Keep these exposures, in the order given."""
        return Exposures(*(getattr(self, column.name)[rows] for column in fields(self)))

    def of_fields(self, field: Ints) -> tuple[Ints, Ints]:
        """Pair every object with every exposure of its field.

        Parameters
        ----------
        field : array of shape (n,)
            The field each object lies in.

        Returns
        -------
        which, exposure : arrays of one shape
            Object numbers and exposure numbers, by object and then by time.
        """
        start, end = np.searchsorted(self.field, field, "left"), np.searchsorted(self.field, field, "right")
        counts = end - start
        which = np.repeat(np.arange(len(field)), counts)
        within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
        return which, start[which] + within


def in_order(exposures: Exposures) -> Exposures:
    """Sort exposures by field and time, without those that begin before the field's last one is over."""
    ordered = exposures.take(np.lexsort((exposures.mjd, exposures.field)))
    over = (np.diff(ordered.field, prepend=-1) != 0) | (np.diff(ordered.mjd, prepend=0.0) > _EXPOSURE_DAYS)
    return ordered.take(over)


def merged(parts: list[Exposures]) -> Exposures:
    """Put exposures together, in order of field and time; one telescope takes no two at once."""
    return in_order(
        Exposures(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Exposures)))
    )
