"""One TESS light curve as SPOC writes it: two-minute cadence, one sector, a FITS file that lightkurve opens."""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.sky.simulator.population import RED, Flags, Ints, Objects, Reals
from starloop.sky.tables import TESS

SECTOR = 23
_SECTOR_STAMP, _CONFIGURATION = "2020078014623", "0177"
_BTJD_ZERO_MJD = 56999.5
_BEGIN_BTJD, _ORBIT_DAYS, _GAP_DAYS = 1928.1085, 12.9, 1.4
_CADENCE_DAYS, _EXPOSURE_S = 120 / 86400, 120 * 0.8
# 15,000 electrons a second at TESS magnitude 10; an A or F star is a third of a magnitude fainter in r than in TESS.
_ZERO_POINT, _FAINTER_IN_R = 20.44, 0.35
_BACKGROUND_E_S, _IN_APERTURE, _FIRST_CADENCE = 120.0, 0.93, 444_000
_MANUAL_EXCLUDE, _SCATTERED_LIGHT, _MOMENTUM_DUMP = 1 << 7, 1 << 12, 1 << 5
_PRIMARY = {"ORIGIN": "starloop", "CREATOR": "1 LightCurveExporter", "SECTOR": SECTOR, "CAMERA": 2, "CCD": 3}
_TIMING = {
    "TIMEREF": "SOLARSYSTEM",
    "TIMESYS": "TDB",
    "BJDREFI": 2457000,
    "BJDREFF": 0.0,
    "TIMEUNIT": "d",
    "TIMEDEL": _CADENCE_DAYS,
    "EXPOSURE": 2 * _ORBIT_DAYS * 0.8,
    "NUM_FRM": 60,
    "INT_TIME": 1.98,
    "READTIME": 0.02,
    "FRAMETIM": 2.0,
}


def write_light_curve(
    rng: np.random.Generator, objects: Objects, which: int, position: tuple[float, float], tic: int, folder: Path
) -> pa.Table:
    """Write one star's light curve into `folder`, and give the row that lists it.

    Parameters
    ----------
    which : int
        The star's number among `objects`.
    position : pair of float
        Right ascension and declination, degrees.
    tic : int
        Its number in the TESS Input Catalogue.
    """
    from astropy.io import fits

    cadences = np.arange(round((2 * _ORBIT_DAYS + _GAP_DAYS) / _CADENCE_DAYS))
    time = _BEGIN_BTJD + _CADENCE_DAYS * cadences.astype(np.float64)
    mag = objects.mag(np.full(len(time), which), time + _BTJD_ZERO_MJD, np.full(len(time), RED)) - _FAINTER_IN_R
    columns = [
        fits.Column(name, form, unit, array=array) for name, form, unit, array in _columns(rng, cadences, time, mag)
    ]
    shared = {
        "SIMDATA": (True, "file is based on simulated data"),
        "TELESCOP": "TESS",
        "INSTRUME": "TESS Photometer",
        "OBJECT": f"TIC {tic}",
        "TICID": tic,
        "RADESYS": "ICRS",
        "RA_OBJ": position[0],
        "DEC_OBJ": position[1],
        "EQUINOX": 2000.0,
    }
    primary, table = fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="LIGHTCURVE")
    primary.header.update(shared | _PRIMARY | {"TESSMAG": round(float(np.median(mag)), 3)})
    table.header.update(shared | _TIMING | {"TSTART": float(time[0]), "TSTOP": float(time[-1])})
    name = f"tess{_SECTOR_STAMP}-s{SECTOR:04d}-{tic:016d}-{_CONFIGURATION}-s"
    path = folder / f"{name}_lc.fits"
    fits.HDUList([primary, table]).writeto(path)
    begin, end = float(time[0]) + _BTJD_ZERO_MJD, float(time[-1]) + _BTJD_ZERO_MJD
    row = [name, tic, SECTOR, 120.0, "SPOC", path.name, *position, begin, end, path.stat().st_size]
    return pa.table([[value] for value in row], schema=TESS)


def _columns(
    rng: np.random.Generator, cadences: Ints, time: Reals, mag: Reals
) -> list[tuple[str, str, str | None, NDArray[np.generic]]]:
    """Observe TESS magnitudes: give the table's columns as name, FITS format, unit, values."""
    since = time - time[0]
    exposed = (since < _ORBIT_DAYS) | (since >= _ORBIT_DAYS + _GAP_DAYS)
    flux = 10 ** (-0.4 * (mag - _ZERO_POINT))
    error = np.sqrt((flux + _BACKGROUND_E_S) / _EXPOSURE_S)
    noisy = flux + error * rng.standard_normal(len(time))
    # Slow pointing drifts and scattered Earthlight at an orbit's start stay in SAP flux; PDC has removed them.
    drift = 1 + 0.004 * np.sin(2 * np.pi * since / 13.9) + 0.01 * np.exp(-(since % (_ORBIT_DAYS + _GAP_DAYS)) / 0.4)
    quality = _quality(since, exposed)
    usable = exposed & (quality & (_MANUAL_EXCLUDE | _SCATTERED_LIGHT) == 0)
    column, row = rng.normal(0, 0.004, (2, len(time)))
    return [
        ("TIME", "D", "BJD - 2457000, days", np.where(exposed, time, np.nan)),
        ("TIMECORR", "E", "d", np.zeros(len(time))),
        ("CADENCENO", "J", None, _FIRST_CADENCE + cadences),
        ("SAP_FLUX", "E", "e-/s", np.where(exposed, _IN_APERTURE * noisy * drift, np.nan)),
        ("SAP_FLUX_ERR", "E", "e-/s", np.where(exposed, _IN_APERTURE * error, np.nan)),
        ("PDCSAP_FLUX", "E", "e-/s", np.where(usable, noisy, np.nan)),
        ("PDCSAP_FLUX_ERR", "E", "e-/s", np.where(usable, error, np.nan)),
        ("QUALITY", "J", None, quality),
        ("MOM_CENTR1", "D", "pixel", np.where(exposed, 1042.3 + column, np.nan)),
        ("MOM_CENTR2", "D", "pixel", np.where(exposed, 611.7 + row, np.nan)),
    ]


def _quality(since: Reals, exposed: Flags) -> NDArray[np.int32]:
    """Flag the cadences SPOC flags: the gap between orbits, momentum dumps, light scattered in from the Earth."""
    flags = np.where(exposed, 0, _MANUAL_EXCLUDE)
    flags |= np.where((since % 3.125 < 3 * _CADENCE_DAYS) & (since > 1), _MOMENTUM_DUMP, 0)
    early = (since % (_ORBIT_DAYS + _GAP_DAYS)) < 0.25
    return (flags | np.where(early & exposed, _SCATTERED_LIGHT, 0)).astype(np.int32)
