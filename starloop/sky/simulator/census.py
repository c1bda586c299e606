"""Everything in one sky, object by object: identifiers, true classes, and all measurements."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from starloop.sky.simulator.gather import Found
from starloop.sky.simulator.photometry import Measured, joined
from starloop.sky.simulator.population import Flags, Ints, Reals

Texts = NDArray[np.object_]

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Census:
    """All objects of a sky: columns of one length, and `measured`, whose `which` counts these rows.

    `found` and `member` tell which `Found` an object came from, and its number there.
    """

    oid: Texts
    ra: Reals
    dec: Reals
    catalogue: Texts
    type: Texts
    period: Reals
    redshift: Reals
    in_reference: Flags
    found: Ints
    member: Ints
    measured: Measured

    def __len__(self) -> int:
        return len(self.oid)

    def alerting(self) -> "Census":
        """Keep the objects that have an alert: no broker knows the others."""
        alerts = np.bincount(self.measured.which[self.measured.alert], minlength=len(self))
        rows = np.flatnonzero(alerts)
        number = np.full(len(self), -1)
        number[rows] = np.arange(len(rows))
        kept = self.measured.take(number[self.measured.which] >= 0).renumbered(number)
        columns = {column.name: getattr(self, column.name)[rows] for column in fields(self)[:-1]}
        return Census(**columns, measured=kept)


def letters(number: int, length: int) -> str:
    """Write a number in base 26 with the letters a to z."""
    written = ""
    for _ in range(length):
        number, digit = divmod(number, 26)
        written = _LETTERS[digit] + written
    return written


def take_census(found: list[Found]) -> Census:
    """Give every object a row, and a name as ZTF makes them: the year it first alerted, then letters.

    Variables and quasars alerted in the survey's first year, transients when they exploded.
    """
    sizes = [len(part.objects) for part in found]
    begins = np.cumsum([0, *sizes[:-1]])
    measured = joined(
        [
            part.measured.renumbered(np.arange(begin, begin + size))
            for part, begin, size in zip(found, begins, sizes, strict=True)
        ]
    )
    in_reference = np.repeat([part.objects.in_reference for part in found], sizes)
    # Steps of a number coprime to 26: all names differ, and neighbours in the list do not look alike.
    names = [letters((number * 7919 + 104729) % 26**5, 7) for number in range(sum(sizes))]
    oid = [f"ZTF{18 if old else 20}{name}" for old, name in zip(in_reference, names, strict=True)]
    return Census(
        oid=np.array(oid, dtype=object),
        ra=np.concatenate([part.ra for part in found]),
        dec=np.concatenate([part.dec for part in found]),
        catalogue=np.repeat(np.array([part.objects.catalogue for part in found], dtype=object), sizes),
        type=np.array([name for part in found for name in part.objects.types], dtype=object),
        period=np.concatenate([part.objects.period for part in found]),
        redshift=np.concatenate([part.objects.redshift for part in found]),
        in_reference=in_reference,
        found=np.repeat(np.arange(len(found)), sizes),
        member=np.concatenate([np.arange(size) for size in sizes]),
        measured=measured,
    )
