"""From the rows of the detections table to one light curve an object."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.features.curves import OPTIONAL, REQUIRED
from starloop.features.screening import LARGEST_ERROR, LARGEST_MAGNITUDE, SAME_TIME, Flags, Reals, Rows

BAND_OF_FID = {1: "g", 2: "r", 3: "i"}
# Of each band's rows, the share that must have a reference source for the object to be one.
CORRECTED_SHARE = 0.5

_OF_EVERY_DETECTION = ("detection_score", "detection_distance", "detection_positive")
SCHEMA = pa.schema([*REQUIRED, *(OPTIONAL.field(name) for name in ("apparent", *_OF_EVERY_DETECTION))])


def light_curves(detections: pa.Table) -> pa.Table:
    """Make a light curve of every object.

    An object with a source in the reference image varies around it: its light curve is the corrected apparent
    magnitude ``magpsf_corr`` with the error ``sigmapsf_corr``, or ``sigmapsf_corr_ext`` where the former is the
    sentinel 100. That is an object at least half of whose rows have one in every band. Any other is new light on
    the sky, also where single rows were matched to a host galaxy: its light curve is the difference
    magnitude ``magpsf`` of the positive detections. The two are different measurements and are never mixed
    (Foerster et al. 2021, doi:10.3847/1538-3881/abe9bc, section 2).

    Parameters
    ----------
    detections : pyarrow.Table
        Columns of `starloop.sky.tables.DETECTIONS`.

    Returns
    -------
    pyarrow.Table
        Columns of `SCHEMA`, sorted by oid: the points by mjd, times unique in a band, empty lists where no row is
        usable; whether `mag` is apparent; and, of all rows, drb, distnr (arcsec) and whether isdiffpos is positive.
    """
    oids = pc.unique(detections["oid"]).sort()
    row = pc.index_in(detections["oid"], value_set=oids).to_numpy()
    mjd = _reals(detections, "mjd")
    fid = _reals(detections, "fid")
    corrected_mag = _reals(detections, "magpsf_corr")
    own, extended = _reals(detections, "sigmapsf_corr"), _reals(detections, "sigmapsf_corr_ext")
    corrected_err = np.where(_measured(corrected_mag, own), own, extended)
    flagged = detections["corrected"].fill_null(False).to_numpy(zero_copy_only=False).astype(bool)

    known = np.isin(fid, list(BAND_OF_FID)) & np.isfinite(mjd)
    corrected = known & flagged & _measured(corrected_mag, corrected_err)
    difference_mag, difference_err = _reals(detections, "magpsf"), _reals(detections, "sigmapsf")
    difference = known & (_reals(detections, "isdiffpos") > 0.0) & _measured(difference_mag, difference_err)

    in_reference = _has_reference(len(oids), row, fid, known, corrected)
    apparent = in_reference[row]
    chosen = np.flatnonzero(np.where(apparent, corrected, difference))
    mag = np.where(apparent, corrected_mag, difference_mag)
    err = np.where(apparent, corrected_err, difference_err)
    chosen = chosen[_unique(row, fid, mjd, mag, err, chosen)]
    chosen = chosen[np.lexsort((fid[chosen], mjd[chosen], row[chosen]))]
    offsets = _offsets(row[chosen], len(oids))
    names = pa.array(list(BAND_OF_FID.values())).take(pa.array(np.searchsorted(list(BAND_OF_FID), fid[chosen])))
    points = [pa.ListArray.from_arrays(offsets, values) for values in (mjd[chosen], mag[chosen], err[chosen], names)]
    every = _of_every_detection(detections, row, mjd, len(oids))
    return pa.table([oids, *points, pa.array(in_reference), *every], schema=SCHEMA)


def _of_every_detection(detections: pa.Table, row: Rows, mjd: Reals, objects: int) -> list[pa.ListArray]:
    score, distance, sign = (_reals(detections, name) for name in ("drb", "distnr", "isdiffpos"))
    order = np.lexsort((sign, distance, score, mjd, row))
    positive = pa.array(sign[order] > 0.0, mask=np.isnan(sign[order]))
    values = [pa.array(score[order], from_pandas=True), pa.array(distance[order], from_pandas=True), positive]
    return [pa.ListArray.from_arrays(_offsets(row, objects), one) for one in values]


def _offsets(row: Rows, objects: int) -> pa.Array:
    ends = np.cumsum(np.bincount(row, minlength=objects))
    return pa.array(np.concatenate([[0], ends]).astype(np.int32))


def _reals(table: pa.Table, column: str) -> Reals:
    values = table[column].to_numpy()
    return np.asarray(values, dtype=np.float64)


def _measured(mag: Reals, err: Reals) -> Flags:
    with np.errstate(invalid="ignore"):
        measured: Flags = (np.abs(mag) < LARGEST_MAGNITUDE) & (err > 0.0) & (err < LARGEST_ERROR)
    return measured


def _has_reference(objects: int, row: Rows, fid: Reals, known: Flags, corrected: Flags) -> Flags:
    answer = np.zeros(objects, dtype=bool)
    answer[row[corrected]] = True
    for one in BAND_OF_FID:
        seen = np.bincount(row[known & (fid == one)], minlength=objects)
        matched = np.bincount(row[corrected & (fid == one)], minlength=objects)
        answer &= matched >= CORRECTED_SHARE * seen
    return answer


def _unique(row: Rows, fid: Reals, mjd: Reals, mag: Reals, err: Reals, chosen: Rows) -> Rows:
    second = np.floor(mjd / SAME_TIME)
    keys = [values[chosen] for values in (mag, mjd, err, second, fid, row)]
    order = np.lexsort(keys)
    same = np.ones(len(order), dtype=bool)
    same[:1] = False
    for values in keys[3:]:
        same[1:] &= values[order][1:] == values[order][:-1]
    kept: Rows = order[~same]
    return kept
