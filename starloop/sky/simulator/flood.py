"""The scenario `flood`: one night brings ten times the objects, nearly all of them bogus and never seen again."""

from dataclasses import replace

import numpy as np

from starloop.sky.populations.objects import NOT_THERE, Reals
from starloop.sky.survey.photometry import Measured

TIMES = 10
_SPREAD_DEG = 1.5


def flood(rng: np.random.Generator, ra: Reals, dec: Reals, measured: Measured) -> tuple[Reals, Reals, Measured]:
    """Give nine bogus objects for each object that alerts, each with one alert in one of the same exposures.

    Parameters
    ----------
    ra, dec : array of shape (n,)
        Where the true objects are, degrees.
    measured : Measured
        The night's measurements of them.

    Returns
    -------
    ra, dec, measured
        Of the bogus objects; they are not in the reference image.
    """
    alerts = measured.take(measured.alert)
    number = (TIMES - 1) * len(np.unique(alerts.which))
    beside = alerts.take(rng.integers(0, len(alerts.which), number) if number else np.empty(0, dtype=np.int64))
    east, north = rng.uniform(-_SPREAD_DEG, _SPREAD_DEG, (2, number))
    there = np.clip(dec[beside.which] + north, -89.0, 89.0)
    size = beside.sigma * rng.uniform(5.05, 9, number)
    return (
        (ra[beside.which] + east / np.cos(np.radians(there))) % 360,
        there,
        replace(
            beside,
            which=np.arange(number),
            mag=np.full(number, NOT_THERE),
            neighbour=np.zeros(number),
            reference=np.zeros(number),
            difference=size * rng.choice([-1, 1], number),
            bogus=np.ones(number, dtype=bool),
        ),
    )
