"""The classes of the simulated sky: who makes them, and how many there are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from starloop.sky.populations import (
    agn,
    blazar,
    by_dra,
    cepheid,
    constant,
    delta_scuti,
    dwarf_nova,
    ea,
    eb,
    ew,
    flare,
    microlensing,
    mira,
    qso,
    rrab,
    rrc,
    rs_cvn,
    semiregular,
    slsn,
    sn_ia,
    sn_ibc,
    sn_ii,
    tde,
    yso,
)
from starloop.sky.populations.objects import Objects, Reals, Setting

Make = Callable[[np.random.Generator, int, Setting], Objects]

# Real shares are tempered by this power, and none falls below a floor: a sky of hundreds can be trained on. Of what is
# seen for weeks a night shows few, so that its floor is higher.
TEMPER = 0.5

_LASTING, _SHORT_LIVED = 10, 5


@dataclass(frozen=True)
class Kind:
    """One class.

    Parameters
    ----------
    make : callable
        Draws so many candidates of it.
    abundance : float
        How many of it a survey like ZTF finds, in thousands.
    least_alerts : int
        Alerts an object needs in half a year to be part of the sky.
    floor : float
        Its least share of the sky.
    plane_share : float
        Its share of what a scenario finds in the Galactic plane.
    """

    make: Make
    abundance: float
    least_alerts: int = _LASTING
    floor: float = 0.012
    plane_share: float = 0.0

    @property
    def weight(self) -> float:
        """Its weight in what is left of the sky above the floors."""
        return float(self.abundance**TEMPER)


# Periodic stars: counts of the ZTF catalogue of periodic variables (Chen et al. 2020, doi:10.3847/1538-4365/ab9cae);
# supernovae: the Bright Transient Survey (Perley et al. 2020, doi:10.3847/1538-4357/abbd98). The others by hand.
KINDS: dict[str, Kind] = {
    "RRAB": Kind(rrab.make, 33, plane_share=0.04),
    "RRC": Kind(rrc.make, 14, plane_share=0.02),
    "CEP": Kind(cepheid.make, 1.3, plane_share=0.20),
    "DSCT": Kind(delta_scuti.make, 17, plane_share=0.03),
    "MIRA": Kind(mira.make, 12, plane_share=0.25),
    "SR": Kind(semiregular.make, 119, plane_share=0.16),
    "EA": Kind(ea.make, 50, plane_share=0.09),
    "EB": Kind(eb.make, 30, plane_share=0.07),
    "EW": Kind(ew.make, 370, plane_share=0.12),
    "RSCVN": Kind(rs_cvn.make, 81),
    "BY": Kind(by_dra.make, 85),
    "CONST": Kind(constant.make, 8, least_alerts=2),
    "FLARE": Kind(flare.make, 2, least_alerts=1),
    "ULENS": Kind(microlensing.make, 0.1, _SHORT_LIVED, plane_share=0.02),
    "SNIA": Kind(sn_ia.make, 4, _SHORT_LIVED, floor=0.08),
    "SNIBC": Kind(sn_ibc.make, 0.4, _SHORT_LIVED, floor=0.03),
    "SNII": Kind(sn_ii.make, 1.3, _SHORT_LIVED, floor=0.06),
    "SLSN": Kind(slsn.make, 0.1, _SHORT_LIVED, floor=0.025),
    "TDE": Kind(tde.make, 0.05, _SHORT_LIVED, floor=0.025),
    "QSO": Kind(qso.make, 40),
    "AGN": Kind(agn.make, 15),
    "BLAZAR": Kind(blazar.make, 2.5),
    "CV": Kind(dwarf_nova.make, 4, _SHORT_LIVED),
    "YSO": Kind(yso.make, 7),
}


def ordinary(total: int, kinds: tuple[str, ...]) -> dict[str, int]:
    """Divide a sky's objects among its classes."""
    floors = np.array([KINDS[kind].floor for kind in kinds])
    weights = np.array([KINDS[kind].weight for kind in kinds])
    return _divided(total, kinds, floors + max(1 - floors.sum(), 0) * weights / weights.sum())


def in_plane(total: int, kinds: tuple[str, ...]) -> dict[str, int]:
    """Divide what is found in the Galactic plane among those of the classes that are found there."""
    found = tuple(kind for kind in kinds if KINDS[kind].plane_share > 0)
    if not found:
        return {}
    return _divided(total, found, np.array([KINDS[kind].plane_share for kind in found]))


def _divided(total: int, kinds: tuple[str, ...], shares: Reals) -> dict[str, int]:
    """Divide a number by shares so that the parts add up; parts of nothing are left out."""
    edges = np.round(np.cumsum([0.0, *shares]) / shares.sum() * total).astype(int)
    return {kind: number for kind, number in zip(kinds, np.diff(edges).tolist(), strict=True) if number}
