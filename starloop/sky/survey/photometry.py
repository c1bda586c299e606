"""What an exposure measures of an object: difference flux, its error, and whether that is an alert.

Errors follow the error-magnitude relations of public ZTF photometry; the alert rule is the survey's
(Masci et al. 2019, doi:10.1088/1538-3873/aae8ac): five sigma, of either sign, against the reference image.
"""

from dataclasses import dataclass, fields

import numpy as np

from starloop.sky.populations.objects import GREEN, INFRARED, RED, Flags, Ints, Objects, Reals
from starloop.sky.survey.exposures import Exposures
from starloop.sky.survey.fields import field_of
from starloop.sky.survey.heavens import to_sun_days
from starloop.sky.survey.neighbours import neighbour_fluxes

ALERT_SIGMA = 5.0
SATURATED_MAG = 12.2
# Pogson's ratio: a relative flux error of s is a magnitude error of 1.0857 s.
POGSON = 2.5 / np.log(10)

_REFERENCE_SPAN = (58200.0, 58600.0)
_REFERENCE_IMAGES = 25
_USUAL_SEEING_ARCSEC = 2.0
# Errors differ by so much from one image and place on it to the next, all else equal.
_ROUGHNESS = 0.17


def flux(mag: Reals) -> Reals:
    """Turn magnitudes into fluxes in units of a 19th-magnitude star."""
    return np.asarray(10 ** (-0.4 * (mag - 19)))


def magnitude(of_flux: Reals) -> Reals:
    """Turn fluxes in units of a 19th-magnitude star into magnitudes."""
    return np.asarray(19 - 2.5 * np.log10(of_flux))


@dataclass(frozen=True)
class Measured:
    """Objects paired with exposures: columns of one length, fluxes in units of a 19th-magnitude star.

    `which` is the object's row, `exposure` the row in `Exposures`; `field`, `limit`, `airmass` and `seeing` are the
    exposure's. `mag` is the object's true magnitude, `neighbour` the flux of a star blended with it, `reference` the
    flux of both in the reference image, `difference` and `sigma` the measured difference flux and its error.
    `bogus` marks alerts that no change of the object made.
    """

    which: Ints
    exposure: Ints
    mjd: Reals
    fid: Ints
    limit: Reals
    field: Ints
    airmass: Reals
    seeing: Reals
    mag: Reals
    neighbour: Reals
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
    """Give each object's flux in the reference images.

    A reference is a trimmed stack of images taken long before: the median of the object's flux over them, and the
    flux of a neighbour that cannot be told apart from it.

    Returns
    -------
    array of shape (n, 4)
        Indexed by `fid`, the neighbour included; column 0 is the neighbour's flux alone, the same in all filters.
    """
    references = np.zeros((len(objects), 4))
    if objects.in_reference:
        which = np.repeat(np.arange(len(objects)), _REFERENCE_IMAGES)
        when = rng.uniform(*_REFERENCE_SPAN, len(which))
        for fid in (GREEN, RED, INFRARED):
            seen = flux(objects.mag(which, when, np.full(len(which), fid)))
            references[:, fid] = np.median(seen.reshape(len(objects), _REFERENCE_IMAGES), axis=1)
    neighbour = neighbour_fluxes(rng, references[:, RED])
    references[:, 1:] += neighbour[:, None]
    references[:, 0] = neighbour
    return references


def noise(limit: Reals, seeing: Reals, now: Reals, reference: Reals, change: Reals) -> Reals:
    """Give the error of a difference flux, in units of a 19th-magnitude star.

    Sky (through the limit, and with it airmass, seeing and Moon), photons of the object, residuals of a bright star's
    subtraction, which blurred images make worse, and the host's share under a transient. Constants drawn by hand.
    """
    return np.sqrt(
        (flux(limit) / ALERT_SIGMA) ** 2
        + 0.04**2 * np.maximum(now, reference)
        + (0.011 * seeing / _USUAL_SEEING_ARCSEC * reference) ** 2
        + 0.06**2 * np.abs(change)
        + (0.025 * change) ** 2
    )


def measure(rng: np.random.Generator, objects: Objects, references: Reals, exposures: Exposures) -> Measured:
    """Measure every object in every exposure of its field; rows by object, then by time.

    Parameters
    ----------
    references : array of shape (n, 4)
        From `reference_fluxes`.
    """
    which, exposure = exposures.of_fields(field_of(objects.ra, objects.dec))
    seen = exposures.take(exposure)
    mag = objects.mag(which, seen.mjd + to_sun_days(seen.mjd, objects.ra[which], objects.dec[which]), seen.fid)
    neighbour, reference = references[which, 0], references[which, seen.fid]
    now = flux(mag) + neighbour
    change = now - reference
    sigma = noise(seen.limit, seen.seeing, now, reference, change) * rng.lognormal(0, _ROUGHNESS, len(which))
    difference = change + sigma * rng.standard_normal(len(which))
    bogus = rng.uniform(size=len(which)) < objects.bogus_rate
    artefacts = np.flatnonzero(bogus)
    size = rng.uniform(5.2, 12, len(artefacts)) * rng.choice([-1, 1], len(artefacts))
    difference[artefacts] = size * sigma[artefacts]
    alert = (np.abs(difference) >= ALERT_SIGMA * sigma) & (mag > SATURATED_MAG)
    return Measured(
        which=which,
        exposure=exposure,
        mjd=seen.mjd,
        fid=seen.fid,
        limit=seen.limit,
        field=seen.field,
        airmass=seen.airmass,
        seeing=seen.seeing,
        mag=mag,
        neighbour=neighbour,
        reference=reference,
        difference=difference,
        sigma=sigma,
        alert=alert,
        bogus=bogus,
    )
