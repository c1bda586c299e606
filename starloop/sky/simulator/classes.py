"""The classes of the simulated sky: who makes them, how many there are, and where they are found."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from starloop.sky.simulator import (
    cepheid,
    constant,
    eclipsing,
    long_period,
    quasar,
    rr_lyrae,
    supernova,
)
from starloop.sky.simulator.population import Objects


@dataclass(frozen=True)
class Kind:
    """One class.

    Parameters
    ----------
    make : callable
        Draws so many objects of it.
    share : float
        Its share of the ordinary sky's objects.
    plane_share : float
        Its share of the objects found when a scenario turns the survey to the Galactic plane.
    least_alerts : int
        Alerts an object needs to be part of the sky.
    disc_deg, least_deg : float or None, float
        Its distribution over Galactic latitude, as `places.place` takes them.
    """

    make: Callable[[np.random.Generator, int], Objects]
    share: float
    plane_share: float
    least_alerts: int
    disc_deg: float | None = None
    least_deg: float = 0.0


KINDS: dict[str, Kind] = {
    "rr_lyrae": Kind(rr_lyrae.make, 0.165, 0.08, 10, least_deg=6),
    "cepheid": Kind(cepheid.make, 0.09, 0.2, 10, disc_deg=5),
    "eclipsing": Kind(eclipsing.make, 0.165, 0.27, 10, disc_deg=25),
    "long_period": Kind(long_period.make, 0.13, 0.45, 10, disc_deg=12),
    "sn_ia": Kind(supernova.make_ia, 0.15, 0.0, 5, least_deg=10),
    "sn_ii": Kind(supernova.make_ii, 0.125, 0.0, 5, least_deg=10),
    "quasar": Kind(quasar.make, 0.155, 0.0, 10, least_deg=12),
    "constant": Kind(constant.make, 0.02, 0.0, 2, disc_deg=25),
}


def counts(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Divide a number of objects by shares, so that the parts add up."""
    edges = np.round(np.cumsum([0.0, *shares.values()]) / sum(shares.values()) * total).astype(int)
    return dict(zip(shares, np.diff(edges).tolist(), strict=True))
