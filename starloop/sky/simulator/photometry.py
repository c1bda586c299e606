"""What an exposure measures of an object: difference flux, its error, and whether that is an alert.

Errors follow the error-magnitude relations of public ZTF photometry; the alert rule is the survey's
(Masci et al. 2019, doi:10.1088/1538-3873/aae8ac): five sigma, of either sign, against the reference image.
"""

from dataclasses import dataclass, fields

import numpy as np

from starloop.sky.simulator.heavens import to_sun_days
from starloop.sky.simulator.population import GREEN, RED, Flags, Ints, Objects, Reals
from starloop.sky.simulator.survey import Exposures

ALERT_SIGMA = 5.0
SATURATED_MAG = 12.2
# Pogson's ratio: a relative flux error of s is a magnitude error of 1.0857 s.
POGSON = 2.5 / np.log(10)

_REFERENCE_SPAN = (58200.0, 58600.0)
_REFERENCE_IMAGES = 25


def flux(mag: Reals) -> Reals:
    """Turn magnitudes into fluxes in units of a 19th-magnitude star."""
    return np.asarray(10 ** (-0.4 * (mag - 19)))


def magnitude(of_flux: Reals) -> Reals:
    """Turn fluxes in units of a 19th-magnitude star into magnitudes."""
    return np.asarray(19 - 2.5 * np.log10(of_flux))


@dataclass(frozen=True)
class Measured:
    """Objects paired with exposures: columns of one length, fluxes in units of a 19th-magnitude star.

    `mag` is the object's true magnitude, `reference` its flux in the reference image, `difference` and `sigma` the
    measured difference flux and its error. `bogus` marks alerts that no change of the object made.
    """

    which: Ints
    mjd: Reals
    fid: Ints
    limit: Reals
    field: Ints
    mag: Reals
    reference: Reals
    difference: Reals
    sigma: Reals
    alert: Flags
    bogus: Flags

    def take(self, rows: Ints | Flags) -> "Measured":
        """Keep these rows."""
        return Measured(*(getattr(self, column.name)[rows] for column in fields(self)))

    def renumbered(self, numbers: Ints) -> "Measured":
        """Give object `which` the number ``numbers[which]``."""
        columns = {column.name: getattr(self, column.name) for column in fields(self)}
        return Measured(**columns | {"which": numbers[self.which]})


def joined(parts: list[Measured]) -> Measured:
    """Put measurements below one another."""
    return Measured(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Measured)))


def reference_fluxes(rng: np.random.Generator, objects: Objects) -> Reals:
    """Give each object's flux in the reference images, shape (n, 3), indexed by `fid`.

    A reference is a trimmed stack of images taken long before: the median of the object's flux over them.
    """
    references = np.zeros((len(objects), 3))
    if objects.in_reference:
        which = np.repeat(np.arange(len(objects)), _REFERENCE_IMAGES)
        taken = rng.uniform(*_REFERENCE_SPAN, len(which))
        for fid in (GREEN, RED):
            seen = flux(objects.mag(which, taken, np.full(len(which), fid)))
            references[:, fid] = np.median(seen.reshape(len(objects), _REFERENCE_IMAGES), axis=1)
    return references


def measure(
    rng: np.random.Generator,
    objects: Objects,
    position: tuple[Reals, Reals],
    field: Ints,
    references: Reals,
    exposures: Exposures,
) -> Measured:
    """Measure every object in every exposure of its field.

    Parameters
    ----------
    position : pair of arrays of shape (n,)
        Right ascension and declination, degrees.
    field : array of shape (n,)
        The field each object lies in.
    references : array of shape (n, 3)
        From `reference_fluxes`.
    """
    which, exposure = exposures.of_fields(field)
    mjd, fid, limit = exposures.mjd[exposure], exposures.fid[exposure], exposures.limit[exposure]
    ra, dec = (angle[which] for angle in position)
    mag = objects.mag(which, mjd + to_sun_days(mjd, ra, dec), fid)
    reference, now = references[which, fid], flux(mag)
    change = now - reference
    # Sky, photons of the object, residuals of a bright star's subtraction, and the host's share under a transient.
    sigma = np.sqrt(
        (flux(limit) / ALERT_SIGMA) ** 2
        + 0.04**2 * np.maximum(now, reference)
        + (0.008 * reference) ** 2
        + 0.085**2 * np.abs(change)
        + (0.02 * change) ** 2
    )
    bogus = rng.uniform(size=len(which)) < objects.bogus_rate
    artefact = sigma * rng.uniform(5.2, 12, len(which)) * rng.choice([-1, 1], len(which))
    difference = np.where(bogus, artefact, change + sigma * rng.standard_normal(len(which)))
    alert = (np.abs(difference) >= ALERT_SIGMA * sigma) & (mag > SATURATED_MAG)
    return Measured(which, mjd, fid, limit, exposures.field[exposure], mag, reference, difference, sigma, alert, bogus)
