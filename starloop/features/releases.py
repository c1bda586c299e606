"""Data-release photometry and upper limits: the rows of the releases and non-detections tables as lists an object."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.features.photometry import BAND_OF_FID
from starloop.features.sphere import separation

_BAND_OF_FILTERCODE = {f"z{band}": band for band in BAND_OF_FID.values()}


def release_curves(releases: pa.Table, objects: pa.Table, oids: pa.Array) -> dict[str, pa.Array]:
    """Make the data-release light curve of every object, of all release sources around it together.

    An epoch counts when its ``catflags`` are 0. That leaves out bit 15 (32768: the exposure as a whole is bad) and
    every lower bit (pixels under the source are saturated, noisy, dead, on a satellite's track and the like): the
    stricter of the two conventions in use (Masci et al. 2019, doi:10.1088/1538-3873/aae8ac).

    Parameters
    ----------
    releases, objects : pyarrow.Table
        Columns of `starloop.sky.tables.RELEASES` (``query`` is the object's oid) and of `OBJECTS`.
    oids : pyarrow.Array
        The objects wanted.

    Returns
    -------
    dict of str to pyarrow.Array
        The columns release_mjd (days), release_mag, release_err (magnitudes) and release_band, points by time; and
        nearest_source, the distance (arcsec) of the nearest release source, at the mean of its epochs' positions.
        Null without an epoch.
    """
    rows = releases.filter(pc.equal(releases["catflags"], 0))
    rows = rows.append_column("band", _named(rows["filtercode"], _BAND_OF_FILTERCODE))
    lists = by_object(rows, "query", oids, ("mjd", "mag", "magerr", "band"))
    names = ("release_mjd", "release_mag", "release_err", "release_band")
    return {**dict(zip(names, lists, strict=True)), "nearest_source": _nearest(rows, objects, oids)}


def upper_limits(non_detections: pa.Table, oids: pa.Array) -> dict[str, pa.Array]:
    """Give the five-sigma limits of nights without a detection.

    The limits that forced photometry would give are not among them: its measurements are another kind again.

    Parameters
    ----------
    non_detections : pyarrow.Table
        Columns of `starloop.sky.tables.NON_DETECTIONS`.
    oids : pyarrow.Array
        The objects wanted.

    Returns
    -------
    dict of str to pyarrow.Array
        The columns limit_mjd (days), limit_mag (magnitudes) and limit_band, by time; null without a limit.
    """
    rows = non_detections.append_column("band", _named(non_detections["fid"], BAND_OF_FID))
    lists = by_object(rows, "oid", oids, ("mjd", "diffmaglim", "band"))
    return dict(zip(("limit_mjd", "limit_mag", "limit_band"), lists, strict=True))


def by_object(rows: pa.Table, key: str, oids: pa.Array, columns: tuple[str, ...]) -> list[pa.ListArray]:
    """Put columns into one list an object, the rows sorted by the columns in turn; null where there is no row."""
    place = pc.index_in(rows[key], value_set=oids)
    rows = rows.select(columns).append_column("place", place).filter(pc.is_valid(place))
    rows = rows.sort_by([(name, "ascending") for name in ("place", *columns)]).combine_chunks()
    counts = np.bincount(rows["place"].to_numpy(), minlength=len(oids))
    offsets = pa.array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))
    none = pa.array(counts == 0)
    return [pa.ListArray.from_arrays(offsets, rows[name].combine_chunks(), mask=none) for name in columns]


def _named(codes: pa.ChunkedArray, names: dict[int, str] | dict[str, str]) -> pa.Array:
    known = pa.array(list(names)).cast(codes.type)
    return pa.array(list(names.values())).take(pc.index_in(codes, value_set=known).combine_chunks())


def _nearest(rows: pa.Table, objects: pa.Table, oids: pa.Array) -> pa.Array:
    centre = objects.take(pc.index_in(rows["query"], value_set=objects["oid"].combine_chunks()))
    distance = separation(*(table[axis].to_numpy() for table in (centre, rows) for axis in ("ra", "dec")))
    rows = rows.select(["query", "oid", "mjd"]).append_column("distance", pa.array(distance, from_pandas=True))
    # A mean in another order is another number in its last bits.
    rows = rows.sort_by([(name, "ascending") for name in rows.column_names])
    means = rows.group_by(["query", "oid"], use_threads=False).aggregate([("distance", "mean")])
    least = means.group_by("query", use_threads=False).aggregate([("distance_mean", "min")])
    found: pa.Array = least["distance_mean_min"].take(pc.index_in(oids, value_set=least["query"].combine_chunks()))
    return found.combine_chunks()
