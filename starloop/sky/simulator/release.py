"""Data-release photometry as IRSA's light-curve service returns it: the star itself, not its change."""

import numpy as np
import pyarrow as pa

from starloop.sky.simulator.census import Census
from starloop.sky.simulator.heavens import PALOMAR_LATITUDE_DEG, sidereal_deg, to_sun_days
from starloop.sky.simulator.photometry import SATURATED_MAG
from starloop.sky.simulator.population import GREEN, Reals
from starloop.sky.tables import RELEASES

_FLAGS, _FLAG_SHARES = (0, 32768, 256, 4, 16, 65535), (0.9695, 0.022, 0.006, 0.001, 0.001, 0.0005)
_UNUSABLE = 32768
_FIRST_FIELD, _ZTF_EPOCH_MJD = 245, 57754.0


def _error(mag: Reals) -> Reals:
    """Give the median error of ZTF's release photometry at a magnitude: a floor, then a steep rise."""
    return np.asarray(np.hypot(0.011, 0.026 * 10 ** (0.32 * (mag - 18))))


def releases(rng: np.random.Generator, census: Census) -> pa.Table:
    """Write a release epoch for every exposure of every object in the reference images, sorted by object and time.

    Flagged epochs are scattered tenfold when the flag is the one IRSA advises against (bit 15).
    """
    seen = census.measured
    seen = seen.take(census.in_reference[seen.which] & (seen.mag > SATURATED_MAG) & (seen.mag < seen.limit + 0.4))
    seen = seen.take(np.lexsort((seen.mjd, census.oid[seen.which].astype(str))))
    which, n = seen.which, len(seen.which)
    ra, dec = census.ra[which], census.dec[which]
    channel = rng.integers(0, 64, len(census))[which]
    ccd, quadrant, field = channel // 4 + 1, channel % 4 + 1, _FIRST_FIELD + seen.field
    flags = rng.choice(_FLAGS, n, p=_FLAG_SHARES)
    error = _error(seen.mag) * rng.lognormal(0, 0.1, n)
    scatter = error * np.where(flags & _UNUSABLE, 10, 1) * rng.standard_normal(n)
    day = np.floor((seen.mjd % 1) * 1e6)
    green = seen.fid == GREEN
    columns = {
        "oid": ((field * 10 + seen.fid) * 100 + ccd) * 10**9 + quadrant * 10**8 + which,
        "expid": np.floor((seen.mjd - _ZTF_EPOCH_MJD) * 1e5),
        "hjd": seen.mjd + to_sun_days(seen.mjd, ra, dec) + 2400000.5,
        "mjd": seen.mjd,
        "mag": seen.mag + scatter,
        "magerr": error,
        "catflags": flags,
        "filtercode": np.where(green, "zg", "zr").astype(object),
        "ra": ra,
        "dec": dec,
        "chi": rng.lognormal(-0.1, 0.35, n),
        "sharp": rng.normal(0.05, 0.15, n),
        "filefracday": _calendar(seen.mjd) * 1e6 + day,
        "field": field,
        "ccdid": ccd,
        "qid": quadrant,
        "limitmag": seen.limit + 0.3,
        "magzp": rng.normal(26.2, 0.08, n),
        "magzprms": rng.lognormal(np.log(0.027), 0.25, n),
        "clrcoeff": np.where(green, -0.035, 0.095) + rng.normal(0, 0.012, n),
        "clrcounc": rng.lognormal(np.log(1.2e-5), 0.6, n),
        "exptime": np.full(n, 30.0),
        "airmass": _airmass(seen.mjd, ra, dec),
        "programid": rng.choice([1.0, 2.0], n),
        "query": census.oid[which],
    }
    return pa.table([pa.array(columns[of.name], of.type) for of in RELEASES], schema=RELEASES)


def _calendar(mjd: Reals) -> Reals:
    """Write the UTC date of each MJD as a number, YYYYMMDD."""
    days = np.datetime64("1858-11-17") + np.floor(mjd).astype("timedelta64[D]")
    return np.char.replace(days.astype(str), "-", "").astype(np.float64)


def _airmass(mjd: Reals, ra: Reals, dec: Reals) -> Reals:
    """Give the airmass at Palomar, as the secant of the zenith distance."""
    hour_angle, latitude = np.radians(sidereal_deg(mjd) - ra), np.radians(PALOMAR_LATITUDE_DEG)
    height = np.sin(latitude) * np.sin(np.radians(dec))
    height = height + np.cos(latitude) * np.cos(np.radians(dec)) * np.cos(hour_angle)
    return np.asarray(1 / np.maximum(height, 0.3))
