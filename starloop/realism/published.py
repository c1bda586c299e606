"""Periods and amplitudes of the simulated classes against what catalogues of real stars hold."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import kstest, lognorm

from starloop.realism.quantities import Reals
from starloop.sky.tables import Sky

_FEWEST_EPOCHS = 20


@dataclass(frozen=True)
class Published:
    """A log-normal summary of a class: medians, and scatters in dex; typed in from the literature, to two digits.

    Parameters
    ----------
    period, period_dex : float
        Days; NaN where the class has none.
    amplitude, amplitude_dex : float
        Peak to peak in g (mag); NaN where no single number is published.
    """

    period: float
    period_dex: float
    amplitude: float
    amplitude_dex: float


CLASSES: dict[str, Published] = {
    "RRAB": Published(0.57, 0.055, 0.95, 0.14),
    "RRC": Published(0.32, 0.06, 0.45, 0.12),
    "DCEP": Published(6.0, 0.30, 0.80, 0.17),
    "DSCT": Published(0.09, 0.18, 0.20, 0.25),
    "M": Published(270.0, 0.13, 4.0, 0.15),
    "SR": Published(100.0, 0.28, 0.90, 0.25),
    "EA": Published(1.9, 0.38, 0.60, 0.24),
    "EB": Published(0.70, 0.20, 0.50, 0.20),
    "EW": Published(0.35, 0.09, 0.50, 0.16),
    "RS": Published(5.0, 0.45, 0.20, 0.22),
    "BY": Published(4.0, 0.40, 0.12, 0.20),
}
"""After Chen et al. 2020 (doi:10.3847/1538-4365/ab9cae; ZTF), Soszynski et al.'s OGLE-IV catalogues and VSX."""


@dataclass(frozen=True)
class Held:
    """One class held against the literature; a distance is Kolmogorov and Smirnov's, 0 the same, 1 apart.

    `periods` (d) and `amplitudes` (mag) are those of its stars that have one.
    """

    name: str
    stars: int
    periods: Reals
    period_distance: float
    amplitudes: Reals
    amplitude_distance: float


def hold(sky: Sky) -> list[Held]:
    """Compare every class the sky's catalogues give a type of `CLASSES`; amplitudes are those of the g epochs."""
    entries = sky.read("catalogues")
    entries = entries.filter(pc.equal(entries["catalogue"], "B/vsx/vsx"))
    amplitudes = _amplitudes(sky.read("releases"))
    found = []
    for name, known in CLASSES.items():
        mine = entries.filter(pc.equal(entries["type"], name))
        period = mine["period"].drop_null().to_numpy()
        swing = np.array([amplitudes[oid] for oid in mine["oid"].to_pylist() if oid in amplitudes])
        if len(mine):
            found.append(
                Held(
                    name,
                    len(mine),
                    period,
                    _distance(period, known.period, known.period_dex),
                    swing,
                    _distance(swing, known.amplitude, known.amplitude_dex),
                )
            )
    return found


def _distance(values: Reals, median: float, dex: float) -> float:
    if not len(values):
        return np.nan
    return float(kstest(values, lognorm(dex * np.log(10), scale=median).cdf).statistic)


def _amplitudes(releases: pa.Table) -> dict[str, float]:
    """Give each object's swing in g between the 2nd and 98th percentile, where it has epochs enough."""
    usable = pc.and_(pc.equal(releases["filtercode"], "zg"), pc.equal(releases["catflags"], 0))
    rows = releases.filter(usable).select(["query", "mag"]).sort_by("query")
    runs = pc.run_end_encode(rows["query"].combine_chunks())
    ends = runs.run_ends.to_numpy().astype(np.int64)
    parts = np.split(rows["mag"].to_numpy(), ends[:-1])
    return {
        oid: float(np.diff(np.percentile(part, [2, 98]))[0])
        for oid, part in zip(runs.values.to_pylist(), parts, strict=True)
        if len(part) >= _FEWEST_EPOCHS
    }
