"""What TESS and its SPOC pipeline make of a star's light: noise, drifts, scattered light, and the quality flags.

Flags are those of the TESS Science Data Products Description Document (EXP-TESS-ARC-ICD-0014); which fluxes are
missing under which flag is as in SPOC's files. Sizes of drifts and scattered light are drawn by hand.
"""

import numpy as np

from starloop.sky.populations.objects import Flags, Ints, Reals
from starloop.sky.tess.aperture import Aperture
from starloop.sky.tess.cadence import Schedule

EARTH_POINT, ARGABRIGHTENING, DESATURATION, MANUAL_EXCLUDE = 8, 16, 32, 128
IMPULSIVE_OUTLIER, SCATTERED_LIGHT = 512, 4096
READ_NOISE = 9.0
"""Electrons a pixel and readout."""

_DUMP_DAYS, _DUMP_LASTS_DAYS = 3.1, 16 / 1440
_BRIGHT_PIXEL = 300.0
_LEAK = 0.004
_LEFT_BY_PDC = 0.03
_EXCLUDED_SHARE = 0.004
_SUDDEN, _OUTLIERS = 1.5, 4.0
# Fluxes scatter about a tenth more than their errors say.
_UNDERSTATED = 1.1


def observe(rng: np.random.Generator, plan: Schedule, flux: Reals, aperture: Aperture) -> dict[str, Reals]:
    """Observe a star in one sector.

    Parameters
    ----------
    flux : array of shape (m,)
        All of its light in each cadence, electrons a second.

    Returns
    -------
    dict of array of shape (m,)
        Columns of a light-curve file by name, from SAP_FLUX to POS_CORR2: electrons a second and pixels; NaN where
        there is no value. QUALITY holds the flags.
    """
    excess = _scattered(rng, plan)
    flags = _flags(rng, plan, excess)
    column, row = _pointing(rng, plan, flags)
    background = aperture.pixels * (aperture.zodiacal + excess)
    steady = aperture.fraction * flux + aperture.neighbours
    error = np.sqrt(
        (steady + background) / plan.exposure + aperture.pixels * plan.readouts * (READ_NOISE / plan.exposure) ** 2
    )
    noise = _UNDERSTATED * error * rng.standard_normal(len(flux))
    noise += np.where(flags & IMPULSIVE_OUTLIER, error * rng.uniform(6, 30, len(flux)), 0)
    # A star that moves on its pixels leaves the aperture a little, and not all of the scattered light is subtracted.
    slope = rng.normal(0, 0.12, 2)
    wrong = steady * (slope[0] * column + slope[1] * row) + _LEAK * rng.standard_normal() * aperture.pixels * excess
    sap = steady + wrong + noise
    seen = plan.exposed & (flags & ARGABRIGHTENING == 0)
    kept = seen & (flags & (MANUAL_EXCLUDE | SCATTERED_LIGHT) == 0)
    # Pre-search data conditioning takes away the trends that neighbouring stars share, then the other stars' light
    # and the loss outside the aperture (Stumpe et al. 2012, doi:10.1086/667698).
    foreign = (1 - aperture.crowding) * np.median(steady)
    corrected = (steady + _LEFT_BY_PDC * wrong + noise - foreign) / aperture.fraction
    place = rng.uniform(50, 2000, 2)
    blank = np.full(len(flux), np.nan)
    return {
        "SAP_FLUX": np.where(seen, sap, blank),
        "SAP_FLUX_ERR": np.where(seen, error, blank),
        "SAP_BKG": np.where(seen, background, blank),
        "SAP_BKG_ERR": np.where(seen, 0.02 * np.sqrt(background), blank),
        "PDCSAP_FLUX": np.where(kept, corrected, blank),
        "PDCSAP_FLUX_ERR": np.where(kept, error / aperture.fraction, blank),
        "QUALITY": flags.astype(np.float64),
        "MOM_CENTR1": np.where(seen, place[0] + column + rng.normal(0, 0.004, len(flux)), blank),
        "MOM_CENTR2": np.where(seen, place[1] + row + rng.normal(0, 0.004, len(flux)), blank),
        "POS_CORR1": np.where(seen, column, blank),
        "POS_CORR2": np.where(seen, row, blank),
    }


def _scattered(rng: np.random.Generator, plan: Schedule) -> Reals:
    """Give the Earth's and the Moon's light at the orbits' ends, electrons a second in a pixel."""
    first, last = 350 * np.exp(rng.normal(0, 0.7)), 900 * np.exp(rng.normal(0, 0.7))
    return np.asarray(first * np.exp(-plan.since / 0.25) + last * np.exp(-np.maximum(plan.until, 0) / 0.45))


def _dumping(plan: Schedule) -> Flags:
    """Tell the cadences in which the wheels give up their momentum through the thrusters."""
    before = plan.since - plan.step / 2
    phase = before % _DUMP_DAYS
    begun = before >= _DUMP_DAYS - plan.step
    return np.asarray(plan.exposed & begun & ((phase < _DUMP_LASTS_DAYS) | (phase > _DUMP_DAYS - plan.step)))


def _flags(rng: np.random.Generator, plan: Schedule, excess: Reals) -> Ints:
    flags = np.where(plan.exposed, 0, EARTH_POINT | MANUAL_EXCLUDE)
    flags |= np.where(_dumping(plan), DESATURATION | MANUAL_EXCLUDE, 0)
    flags |= np.where(plan.exposed & (excess > _BRIGHT_PIXEL), SCATTERED_LIGHT, 0)
    ordinary = np.flatnonzero(flags == 0)
    for flag, expected in (
        (MANUAL_EXCLUDE, _EXCLUDED_SHARE * len(ordinary)),
        (ARGABRIGHTENING, _SUDDEN),
        (IMPULSIVE_OUTLIER, _OUTLIERS),
    ):
        flags[rng.choice(ordinary, rng.poisson(expected))] |= flag
    return flags


def _pointing(rng: np.random.Generator, plan: Schedule, flags: Ints) -> tuple[Reals, Reals]:
    """Give how far the star is from its usual place, pixels along columns and rows.

    It drifts from one momentum dump to the next and jumps there; the cameras warm up at an orbit's beginning.
    """
    drift, warm = rng.normal(0, 0.012, 2), rng.normal(0, 0.04, 2)
    phase = plan.since % _DUMP_DAYS / _DUMP_DAYS - 0.5
    warming = np.exp(-np.maximum(plan.since, 0) / 0.8)
    shaken = np.where(flags & DESATURATION, 0.1, 0.002) / np.sqrt(plan.length / 120)
    column, row = (
        drift[axis] * phase + warm[axis] * warming + shaken * rng.standard_normal(len(phase)) for axis in (0, 1)
    )
    return column, row
