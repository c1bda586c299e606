"""Finding the objects of a unit: drawing candidates of a class until enough of them alert."""

from dataclasses import dataclass, replace

import numpy as np

from starloop.errors import StarloopError
from starloop.sky.populations.objects import Flags, Ints, Objects, Reals, Setting
from starloop.sky.simulator.kinds import Make
from starloop.sky.survey.exposures import Exposures
from starloop.sky.survey.photometry import Measured, joined, measure, reference_fluxes

_MOST_BATCHES, _MOST_IN_BATCH = 80, 600


@dataclass(frozen=True)
class Found:
    """Objects of one class that alerted, and all their measurements."""

    objects: Objects
    references: Reals
    measured: Measured

    def alerts(self) -> Ints:
        """Count each object's alerts."""
        return np.bincount(self.measured.which[self.measured.alert], minlength=len(self.objects))

    def take(self, rows: Ints) -> "Found":
        """Keep these objects and their measurements."""
        number = np.full(len(self.objects), -1)
        number[rows] = np.arange(len(rows))
        kept = self.measured.take(number[self.measured.which] >= 0).renumbered(number)
        return Found(self.objects.take(rows), self.references[rows], kept)


def gather(
    rng: np.random.Generator,
    kind: str,
    make: Make,
    number: int,
    least_alerts: int,
    setting: Setting,
    exposures: Exposures,
) -> Found:
    """Draw candidates of a class in batches until `number` of them have alerted often enough.

    Raises
    ------
    StarloopError
        When so few alert that they would not be found in reasonable time.
    """
    found: list[Found] = []
    drawn = kept = 0
    for _ in range(_MOST_BATCHES):
        missing = number - kept
        # The share that alerted so far, one success assumed: a first batch of what is asked for tells the next size.
        share = (kept + 1) / (drawn + 1)
        objects = make(rng, min(round(1.1 * missing / share) + 8, _MOST_IN_BATCH), setting)
        references = reference_fluxes(rng, objects)
        batch = Found(objects, references, measure(rng, objects, references, exposures))
        drawn += len(objects)
        rows = np.flatnonzero(batch.alerts() >= least_alerts)[:missing]
        kept += len(rows)
        found.append(batch.take(rows))
        if kept == number:
            return _put_together(found)
    raise StarloopError(
        f"of {drawn} {kind} drawn only {kept} gave {least_alerts} alerts, and {number} were asked for: "
        "give the sky more nights or leave the class out"
    )


def _put_together(parts: list[Found]) -> Found:
    """Make one list of the objects of several batches."""
    sizes = [len(part.objects) for part in parts]
    begins = np.cumsum([0, *sizes[:-1]])
    batch, member = np.repeat(np.arange(len(parts)), sizes), np.concatenate([np.arange(size) for size in sizes])
    every = [part.objects for part in parts]

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        seen = np.empty(len(which))
        for place, objects in enumerate(every):
            rows: Flags = batch[which] == place
            if rows.any():
                seen[rows] = objects.mag(member[which[rows]], mjd[rows], fid[rows])
        return seen

    objects = replace(
        every[0],
        types=[name for part in every for name in part.types],
        ra=np.concatenate([part.ra for part in every]),
        dec=np.concatenate([part.dec for part in every]),
        period=np.concatenate([part.period for part in every]),
        redshift=np.concatenate([part.redshift for part in every]),
        mag=mag,
    )
    measured = joined(
        [
            part.measured.renumbered(np.arange(begin, begin + size))
            for part, begin, size in zip(parts, begins, sizes, strict=True)
        ]
    )
    return Found(objects, np.concatenate([part.references for part in parts]), measured)
