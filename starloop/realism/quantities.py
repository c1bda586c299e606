"""What can be measured in any sky directory: the columns in which a simulated sky is held against a recorded one."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from starloop.sky.tables import Sky

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]

BANDS = {1: "g", 2: "r"}
_BRIGHTEST, _FAINTEST = 10.0, 30.0


@dataclass(frozen=True)
class Quantity:
    """Something measured.

    Parameters
    ----------
    name, unit : str
        What it is.
    values : array of shape (n,)
        In no order, finite.
    logarithmic : bool
        Whether people look at it on a logarithmic axis.
    """

    name: str
    unit: str
    values: Reals
    logarithmic: bool = False


def transients(sky: Sky) -> list[Quantity]:
    """Measure the objects that the Bright Transient Survey lists.

    Returns
    -------
    list of Quantity
        Detections an object, an object and night; gaps between the detections of one object in one band; the span of
        an object's detections; magnitudes and errors of the difference image, by band; and the errors of those
        between 18.5 and 19.5 mag alone, which do not depend on how bright the objects are.
    """
    rows = _sound(_of(sky.read("detections"), sky, "BTS"))
    oid, mjd, fid = _numbers(rows["oid"]), rows["mjd"].to_numpy(), rows["fid"].to_numpy()
    mag, error = rows["magpsf"].to_numpy(), rows["sigmapsf"].to_numpy()
    nightly = np.unique(np.stack([oid, np.floor(mjd).astype(np.int64)]), axis=1, return_counts=True)[1]
    found = [
        Quantity("detections of a transient", "", np.bincount(oid).astype(np.float64), True),
        Quantity("detections of a transient in a night it is seen", "", nightly.astype(np.float64)),
        Quantity("days a transient is detected", "d", _span(oid, mjd), True),
        Quantity("days to the next detection in the same band", "d", _gaps(oid * 10 + fid, mjd), True),
    ]
    for number, band in BANDS.items():
        mine = fid == number
        alike = mine & (mag > 18.5) & (mag < 19.5)
        found += [
            Quantity(f"difference magnitude of transients, {band}", "mag", mag[mine]),
            Quantity(f"error of those at 18.5 to 19.5 mag, {band}", "mag", error[alike], True),
        ]
    return found


def limits(sky: Sky) -> list[Quantity]:
    """Measure how deep the exposures without a detection went, by band."""
    rows = sky.read("non_detections")
    fid, limit = rows["fid"].to_numpy(), rows["diffmaglim"].to_numpy()
    good = (limit > _BRIGHTEST) & (limit < _FAINTEST)
    return [Quantity(f"upper limits, {band}", "mag", limit[good & (fid == number)]) for number, band in BANDS.items()]


def epochs(sky: Sky) -> list[Quantity]:
    """Measure data-release photometry: gaps, magnitudes, and errors at a fixed magnitude, by band."""
    rows = sky.read("releases")
    rows = rows.filter(pc.and_(pc.equal(rows["catflags"], 0), pc.less(rows["magerr"], 1.0)))
    found = []
    for band in BANDS.values():
        mine = rows.filter(pc.equal(rows["filtercode"], f"z{band}"))
        mag, error = mine["mag"].to_numpy(), mine["magerr"].to_numpy()
        alike = (mag > 16.5) & (mag < 17.5)
        found += [
            Quantity(
                f"days to the next release epoch, {band}",
                "d",
                _gaps(_numbers(mine["query"]), mine["mjd"].to_numpy()),
                True,
            ),
            Quantity(f"release magnitude, {band}", "mag", mag),
            Quantity(f"error of those at 16.5 to 17.5 mag, {band}", "mag", error[alike], True),
        ]
    return found


def error_relation(sky: Sky, band: str) -> tuple[Reals, Reals]:
    """Give magnitudes and errors of transients in one band, for the relation between the two."""
    rows = _sound(_of(sky.read("detections"), sky, "BTS"))
    number = next(number for number, name in BANDS.items() if name == band)
    rows = rows.filter(pc.equal(rows["fid"], number))
    return rows["magpsf"].to_numpy(), rows["sigmapsf"].to_numpy()


def _of(rows: pa.Table, sky: Sky, catalogue: str) -> pa.Table:
    entries = sky.read("catalogues")
    listed = entries.filter(pc.equal(entries["catalogue"], catalogue))["oid"]
    return rows.filter(pc.is_in(rows["oid"], value_set=listed.combine_chunks()))


def _sound(rows: pa.Table) -> pa.Table:
    sound = pc.and_(pc.less(rows["magpsf"], _FAINTEST), pc.greater(rows["sigmapsf"], 0))
    return rows.filter(pc.and_(sound, pc.greater(rows["isdiffpos"], 0)))


def _numbers(names: pa.ChunkedArray) -> Ints:
    return np.asarray(names.combine_chunks().dictionary_encode().indices.to_numpy(), dtype=np.int64)


def _span(oid: Ints, mjd: Reals) -> Reals:
    first, last = np.full(oid.max(initial=-1) + 1, np.inf), np.full(oid.max(initial=-1) + 1, -np.inf)
    np.minimum.at(first, oid, mjd)
    np.maximum.at(last, oid, mjd)
    span = last - first
    return np.asarray(span[span > 0])


def _gaps(key: Ints, mjd: Reals) -> Reals:
    """Give the times between neighbours of one key, those of one exposure pair (under a minute) left out."""
    order = np.lexsort((mjd, key))
    gaps, same = np.diff(mjd[order]), np.diff(key[order]) == 0
    return np.asarray(gaps[same & (gaps > 1 / 1440)])
