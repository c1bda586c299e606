"""Rotating stars whose spots drift and come and go: RS CVn and BY Dra variables."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from starloop.sky.populations.galaxy import extinction, stars
from starloop.sky.populations.objects import Ints, Objects, Reals, Setting, by_filter, unknown
from starloop.sky.populations.photosphere import brightness

SPOTS = 3
_SIZES = np.array([1.0, 0.55, 0.35])
_DARKEST = 0.7
DRIFT = 1 / 900
"""Standard deviation of a spot's own rate from its star's, cycles a day."""


@dataclass(frozen=True)
class Spotted:
    """So many spotted stars: columns of shape (n,), in magnitudes, days and kelvin.

    Parameters
    ----------
    absolute_r, g_r, r_i : array
        Without spots.
    temperature, spot_temperature : array
        Of the surface and of its spots.
    period : array
        Of the rotation.
    amplitude : array
        Typical amplitude in r.
    """

    absolute_r: Reals
    g_r: Reals
    r_i: Reals
    temperature: Reals
    spot_temperature: Reals
    period: Reals
    amplitude: Reals


def observe(
    rng: np.random.Generator, spotted: Spotted, kind: Literal["RS", "BY"], setting: Setting, faintest: float
) -> Objects:
    """Put spotted stars into the thin disc and let them turn.

    Three spots a star, foreshortened as they turn. A spot's longitude drifts by a turn in some hundred days or more,
    as differential rotation makes it, and its size swells and shrinks over 80 to 500 d. Spots are black in proportion
    to their blackbody contrast, deepest in g. Sizes, drifts and lifetimes are drawn by hand; the stars do not flare.
    """
    n = len(spotted.period)
    placed = stars(rng, spotted.absolute_r, "thin", setting, faintest=faintest)
    inclination = np.arccos(rng.uniform(0, 0.9, n))
    latitude = np.arcsin(rng.uniform(-0.3, 0.9, (n, SPOTS)))
    sunk = np.sin(latitude) * np.cos(inclination)[:, None]
    raised = np.cos(latitude) * np.sin(inclination)[:, None]
    # Cycles a day: the star's rotation and each spot's own drift.
    rate = 1 / spotted.period[:, None] + rng.normal(0, DRIFT, (n, SPOTS))
    longitude, swelling, beating = rng.uniform(0, 1, (3, n, SPOTS))
    slow, slower = 1 / rng.uniform(80, 250, (n, SPOTS)), 1 / rng.uniform(250, 500, (n, SPOTS))

    def covered(which: Ints, day: Reals) -> Reals:
        """Sum the spots' foreshortened areas, in units of the first spot's greatest."""
        area = np.zeros_like(day)
        for spot in range(SPOTS):
            turned = np.cos(2 * np.pi * (rate[which, spot] * day + longitude[which, spot]))
            facing = np.maximum(sunk[which, spot] + raised[which, spot] * turned, 0)
            swollen = np.sin(2 * np.pi * (slow[which, spot] * day + swelling[which, spot]))
            swollen += np.sin(2 * np.pi * (slower[which, spot] * day + beating[which, spot]))
            area += _SIZES[spot] * (0.75 + 0.125 * swollen) * facing
        return area

    turns = np.linspace(0, 1, 24, endpoint=False) + np.array([[100.0], [300.0], [500.0], [700.0]])
    day = (np.round(turns / spotted.period[:, None, None]) + turns % 1) * spotted.period[:, None, None]
    sampled = covered(np.repeat(np.arange(n), turns.size), day.ravel()).reshape(n, *turns.shape)
    swing = np.median(np.ptp(sampled, axis=2), axis=1)
    # A tenth of the first spot at the least: a star seen from over its pole shows no rotation.
    scale = np.minimum(spotted.amplitude / 1.086 / np.maximum(swing, 0.1), _DARKEST / _SIZES.sum())
    contrast = 1 - brightness(spotted.spot_temperature) / brightness(spotted.temperature)
    contrast *= (scale / contrast[:, 1])[:, None]
    filters = np.arange(1, 4)
    colour = by_filter(filters, spotted.g_r[:, None], 0.0, -spotted.r_i[:, None])
    unspotted = (placed.modulus + spotted.absolute_r)[:, None] + colour
    unspotted += extinction(placed.reddening[:, None], filters)

    def mag(which: Ints, mjd: Reals, fid: Ints) -> Reals:
        dark = contrast[which, fid - 1] * covered(which, mjd - setting.first_mjd)
        return np.asarray(unspotted[which, fid - 1] - 2.5 * np.log10(1 - dark))

    return Objects(
        "B/vsx/vsx", [kind] * n, placed.ra, placed.dec, spotted.period, unknown(n), in_reference=True, mag=mag
    )
