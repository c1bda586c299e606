"""Data-release photometry as IRSA's light-curve service returns it: the star itself, not its change."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.sky.populations.objects import INFRARED, Flags, Ints, Reals, by_filter
from starloop.sky.survey.heavens import to_sun_days
from starloop.sky.survey.identifiers import ZTF_EPOCH_MJD, channel_of, field_number, source_oids
from starloop.sky.survey.neighbours import moved, neighbour_offsets
from starloop.sky.survey.photometry import ALERT_SIGMA, POGSON, SATURATED_MAG, Measured, flux, magnitude
from starloop.sky.tables import RELEASES

_FLAGS, _FLAG_SHARES = (0, 32768, 256, 4, 16, 65535), (0.9695, 0.022, 0.006, 0.001, 0.001, 0.0005)
_UNUSABLE = 32768

# Typical magnitude errors of ZTF's release photometry in g and r, by hand; the i images are shallower by so much.
_MAGS = (15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0)
_ERRORS = (0.0115, 0.0125, 0.017, 0.028, 0.06, 0.114, 0.185, 0.25)
_SHALLOWER_IN_I = 0.4
# A science image reaches deeper than its difference with the reference.
_DEEPER = 0.65
_SCATTER_FLOOR, _SCATTER_OF_PHOTONS = 0.012, 0.033


def release_error(mag: Reals, fid: Ints) -> Reals:
    """Give the typical error of ZTF's release photometry at a magnitude."""
    faintness = mag + np.where(fid == INFRARED, _SHALLOWER_IN_I, 0.0)
    return np.asarray(np.exp(np.interp(faintness, _MAGS, np.log(_ERRORS))))


def _scatter(limit: Reals, mag: Reals) -> Reals:
    """Give how far an exposure's magnitudes really scatter: sky, photons and calibration."""
    of_star = flux(mag)
    relative = np.hypot(flux(limit) / ALERT_SIGMA, _SCATTER_OF_PHOTONS * np.sqrt(of_star)) / of_star
    return np.asarray(np.hypot(_SCATTER_FLOOR, POGSON * relative))


def releases(
    rng: np.random.Generator,
    oid: NDArray[np.object_],
    in_reference: Flags,
    ra: Reals,
    dec: Reals,
    number: Ints,
    measured: Measured,
    *,
    epoch: int = 1,
) -> pa.Table:
    """Write a release epoch for every exposure of every object in the reference images, sorted by object and time.

    As in the real releases, `magerr` is the error typical of the magnitude, while the scatter is that of the exposure:
    larger in a shallow one. Epochs with the flag IRSA advises against (bit 15) scatter tenfold. A neighbour's light is
    in the magnitudes and moves the position.

    Parameters
    ----------
    oid, in_reference, ra, dec, number : arrays of shape (n,)
        The objects that `measured.which` counts, as for `alerts.detections`.
    epoch : int
        The data release, from 1 to 9; each gives its sources other oids.
    """
    total = magnitude(flux(measured.mag) + measured.neighbour)
    depth = measured.limit + _DEEPER
    scatter = _scatter(depth, total) * rng.standard_normal(len(total))
    rows = np.flatnonzero(in_reference[measured.which] & (measured.mag > SATURATED_MAG) & (total + scatter < depth))
    ranks = np.argsort(np.argsort(oid.astype(str), kind="stable"), kind="stable")
    rows = rows[np.lexsort((measured.mjd[rows], ranks[measured.which[rows]]))]
    seen, n = measured.take(rows), len(rows)
    which, fid = seen.which, seen.fid
    channel = channel_of(number)[which]
    flags = rng.choice(_FLAGS, n, p=_FLAG_SHARES)
    mag = total[rows] + scatter[rows] * np.where(flags & _UNUSABLE, 10, 1)
    share = seen.neighbour / seen.reference
    east, north = (share * offset[which] for offset in neighbour_offsets(number))
    source_ra, source_dec = moved(ra[which], dec[which], east, north)
    quality = rng.lognormal(0, 0.1, (len(oid), 4))[which, fid]
    columns: dict[str, NDArray[np.generic]] = {
        "oid": source_oids(number[which], seen.field, fid, epoch),
        "expid": np.floor((seen.mjd - ZTF_EPOCH_MJD) * 1e5),
        "hjd": seen.mjd + to_sun_days(seen.mjd, ra[which], dec[which]) + 2400000.5,
        "mjd": seen.mjd,
        "mag": mag,
        "magerr": release_error(total[rows], fid) * quality,
        "catflags": flags,
        "ra": source_ra,
        "dec": source_dec,
        "chi": rng.lognormal(0.15, 0.75, n),
        "sharp": rng.normal(0, 0.07, n) + rng.exponential(0.14, n),
        "filefracday": _calendar(seen.mjd) * 1e6 + np.floor((seen.mjd % 1) * 1e6),
        "field": field_number(seen.field),
        "ccdid": channel // 4 + 1,
        "qid": channel % 4 + 1,
        "limitmag": depth[rows],
        "magzp": by_filter(fid, 26.26, 26.22, 25.62)
        - by_filter(fid, 0.18, 0.1, 0.06) * (seen.airmass - 1)
        + rng.normal(0, 0.09, n),
        "magzprms": by_filter(fid, 0.029, 0.024, 0.023) * rng.lognormal(0, 0.25, n),
        "clrcoeff": by_filter(fid, -0.055, 0.098, 0.19) + by_filter(fid, 0.022, 0.018, 0.009) * rng.standard_normal(n),
        "clrcounc": by_filter(fid, 1.45e-5, 9.3e-6, 1.4e-5) * rng.lognormal(0, 0.75, n),
        "exptime": np.full(n, 30.0),
        "airmass": seen.airmass,
        "programid": np.where(fid == INFRARED, 2, rng.choice([1, 2], n, p=[0.65, 0.35])),
    }
    table = {
        "filtercode": pa.array(["zg", "zr", "zi"], pa.string()).take(pa.array(fid - 1)),
        "query": pa.array(oid, pa.string()).take(which),
    }
    table |= {name: pa.array(column, RELEASES.field(name).type) for name, column in columns.items()}
    return pa.table(table, schema=RELEASES)


def _calendar(mjd: Reals) -> Reals:
    """Write the UTC date of each MJD as a number, YYYYMMDD."""
    days = np.datetime64("1858-11-17") + np.floor(mjd).astype("timedelta64[D]")
    months = days.astype("datetime64[M]")
    # Months are counted from January 1970.
    year, month = np.divmod(months.astype(np.int64), 12)
    return np.asarray((year + 1970) * 10_000.0 + (month + 1) * 100 + (days - months).astype(np.int64) + 1)
