"""The period search: against astropy's periodogram on a finer grid, in processor time and in periods found."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from astropy.timeseries import LombScargle

from starloop.features import periods
from starloop.features.screening import Points, Reals
from starloop.nights.calendar import Night
from starloop.sky.populations.spots import DRIFT
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky
from tests.bench.processor import least
from tests.bench.table import Row, show

OBJECTS, SEED, POINTS = 800, 15, 100
FIRST, LAST = Night.parse("2018-07-01"), Night.parse("2021-06-30")
EACH, PEERS = 60, 6
"""Objects of a type, at most: all, and those that astropy searches too."""
FREQUENCIES = 2**18
FASTER, RECOVERED = 100, 0.93

_CLASSES = ("RRAB", "RRC", "CEP", "DSCT", "MIRA", "SR", "EA", "EB", "EW", "RSCVN", "BY")
_SPOTTED = ("RS", "BY")
_VSX = "B/vsx/vsx"
_FEWEST = 20


@dataclass(frozen=True)
class Star:
    """A periodic star's data-release photometry, and what the catalogue says of it."""

    g: Points
    r: Points
    period: float
    type: str

    @property
    def merged(self) -> Points:
        """Both bands on one scale, their medians at zero."""
        return periods._merge(*periods._from_first(self.g, self.r))


def main() -> bool:
    """Search the same light curves with both."""
    span = {"first": FIRST, "last": LAST}
    with tempfile.TemporaryDirectory() as folder:
        of_type = _stars(make_sky(Path(folder, "sky"), objects=OBJECTS, seed=SEED, kinds=_CLASSES, tess=0, **span))
    stars = [star for alike in of_type.values() for star in alike]
    shared = np.concatenate([np.arange(len(alike)) < PEERS for alike in of_type.values()])
    sample = [star for star, chosen in zip(stars, shared, strict=True) if chosen]
    found: dict[str, Reals] = {}
    ours, peer = least(lambda: found.update(ours=_ours(stars)), lambda: found.update(peer=_astropy(sample)), times=1)
    ours, peer = 1e3 * ours / len(stars), 1e3 * peer / len(sample)
    right, alone = _right(stars, found["ours"]), _right(stars, found["ours"], lenient=False)
    theirs = _right(sample, found["peer"]).mean()
    lasting = ~np.isin([star.type for star in stars], _SPOTTED)
    return show(
        f"Periods of {len(stars)} stars, at most {POINTS} points a band. Right is the true period, half or twice it: "
        "the frequency within 1 %, a tenth of one over the span or, where spots drift, three times their drift",
        [
            Row(
                f"astropy's {peer:.0f} ms, {FREQUENCIES:,} frequencies, over {ours:.2f} ms",
                peer / ours,
                FASTER,
                "",
                True,
            ),
            Row(f"right (within 1 % alone: {alone.mean():.3f})", right.mean(), RECOVERED, "", True),
            Row("right, of pulsating and eclipsing stars", right[lasting].mean(), RECOVERED, "", True),
            Row(f"right over astropy's {theirs:.3f} of {len(sample)}", right[shared].mean() / theirs, 1, "", True),
        ],
    )


def _stars(sky: Sky) -> dict[str, list[Star]]:
    """Give stars with a period in the catalogue by their type."""
    entries = sky.read("catalogues")
    entries = entries.filter(pc.and_(pc.equal(entries["catalogue"], _VSX), pc.is_valid(entries["period"])))
    rows = sky.read("releases")
    rows = rows.filter(pc.and_(pc.equal(rows["catflags"], 0), pc.is_valid(rows["mag"]))).sort_by("mjd")
    number = {oid: place for place, oid in enumerate(rows["query"].unique().to_pylist())}
    owner = np.array([number[oid] for oid in rows["query"].to_pylist()])
    rng = np.random.default_rng(SEED)
    stars: dict[str, list[Star]] = {}
    for entry in entries.sort_by("oid").to_pylist():
        alike = stars.setdefault(entry["type"], [])
        if entry["oid"] in number and len(alike) < EACH:
            mine = rows.take(np.flatnonzero(owner == number[entry["oid"]]))
            g, r = (_points(rng, mine, band) for band in ("zg", "zr"))
            if min(len(g), len(r)) >= _FEWEST:
                alike.append(Star(g, r, entry["period"], entry["type"]))
    return stars


def _points(rng: np.random.Generator, rows: pa.Table, band: str) -> Points:
    rows = rows.filter(pc.equal(rows["filtercode"], band))
    kept = np.sort(rng.permutation(len(rows))[:POINTS])
    return Points(*(rows[name].to_numpy()[kept] for name in ("mjd", "mag", "magerr")))


def _ours(stars: list[Star]) -> Reals:
    values = periods.periods([star.g for star in stars], [star.r for star in stars], n_jobs=1)
    return np.asarray(10 ** -values[:, periods.NAMES.index("period_log10")])


def _astropy(stars: list[Star]) -> Reals:
    grid = periods.HIGHEST_FREQUENCY * np.arange(1, FREQUENCIES + 1) / FREQUENCIES
    best = []
    for star in stars:
        seen = star.merged
        search = LombScargle(seen.time, seen.mag, seen.err, nterms=1)
        best.append(grid[search.power(grid, method="fast", assume_regular_frequency=True).argmax()])
    return np.array(best)


def _right(stars: list[Star], frequency: Reals, *, lenient: bool = True) -> np.ndarray:
    true = np.array([1 / star.period for star in stars])
    span = np.array([star.merged.time[-1] for star in stars])
    spotted = np.isin([star.type for star in stars], _SPOTTED)
    right = np.zeros(len(stars), dtype=bool)
    for harmonic in (0.5, 1.0, 2.0):
        near = 0.01 * harmonic * true
        if lenient:
            near = np.maximum(np.maximum(near, 0.1 / span), np.where(spotted, 3 * harmonic * DRIFT, 0.0))
        right |= np.abs(frequency - harmonic * true) <= near
    return right
