"""Finding the objects of a sky: drawing candidates of a class until enough of them alert."""

from dataclasses import dataclass, replace

import numpy as np

from starloop.sky.simulator.classes import Kind
from starloop.sky.simulator.fields import field_of
from starloop.sky.simulator.photometry import Measured, joined, measure, reference_fluxes
from starloop.sky.simulator.places import place
from starloop.sky.simulator.population import Ints, Objects, Reals
from starloop.sky.simulator.survey import PLANE_DEG, Exposures

# A scenario may begin on the last night, when a plane field gets six exposures.
_PLANE_ALERTS = 4


@dataclass(frozen=True)
class Found:
    """Objects of one class that alerted, where they are, and all their measurements."""

    objects: Objects
    ra: Reals
    dec: Reals
    field: Ints
    references: Reals
    measured: Measured

    def take(self, rows: Ints) -> "Found":
        """Keep these objects and their measurements."""
        number = np.full(len(self.objects), -1)
        number[rows] = np.arange(len(rows))
        kept = self.measured.take(number[self.measured.which] >= 0).renumbered(number)
        return Found(
            self.objects.take(rows), self.ra[rows], self.dec[rows], self.field[rows], self.references[rows], kept
        )

    def alerts(self) -> Ints:
        """Count each object's alerts."""
        return np.bincount(self.measured.which[self.measured.alert], minlength=len(self.objects))

    def without(self, exposures: Exposures) -> "Found":
        """Forget what these exposures measured."""
        return replace(self, measured=self.measured.take(~np.isin(self.measured.mjd, exposures.mjd)))

    def measure_again(self, rng: np.random.Generator, exposures: Exposures) -> "Found":
        """Measure the same objects in more exposures."""
        more = measure(rng, self.objects, (self.ra, self.dec), self.field, self.references, exposures)
        return replace(self, measured=joined([self.measured, more]))


def _candidates(rng: np.random.Generator, kind: Kind, n: int, exposures: Exposures, in_plane: bool) -> Found:
    objects = kind.make(rng, n)
    if in_plane:
        ra, dec = place(rng, n, disc_deg=PLANE_DEG / 2, least_deg=0.0)
        objects = objects.brighter(1.0)
    else:
        ra, dec = place(rng, n, kind.disc_deg, kind.least_deg)
    field = field_of(ra, dec)
    references = reference_fluxes(rng, objects)
    measured = measure(rng, objects, (ra, dec), field, references, exposures)
    return Found(objects, ra, dec, field, references, measured)


def gather(
    rng: np.random.Generator, kind: Kind, number: int, exposures: Exposures, in_plane: bool = False
) -> list[Found]:
    """Draw candidates of a class in batches until `number` of them have alerted often enough.

    Parameters
    ----------
    in_plane : bool
        Place them in the Galactic plane, one magnitude brighter: nearer stars, in front of its dust.
    """
    found: list[Found] = []
    least = min(kind.least_alerts, _PLANE_ALERTS) if in_plane else kind.least_alerts
    missing = number
    while missing > 0:
        batch = _candidates(rng, kind, 2 * number + 16, exposures, in_plane)
        rows = np.flatnonzero(batch.alerts() >= least)[:missing]
        found.append(batch.take(rows))
        missing -= len(rows)
    return found
