"""One TESS light curve as a FITS file that lightkurve opens: SPOC's two minutes, or TESS-SPOC's full-frame images.

The files are SPOC's (Jenkins et al. 2016, doi:10.1117/12.2233418; Caldwell et al. 2020, doi:10.3847/2515-5172/abc9b3),
with the columns that carry what is simulated; they say SIMDATA = T.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.sky.populations.objects import Objects, Reals
from starloop.sky.tables import TESS
from starloop.sky.tess.aperture import Aperture, draw, electrons, tess_mag
from starloop.sky.tess.cadence import FRAME_S, INTEGRATION_S, TWO_MINUTES, Schedule, full_frame_length, schedule
from starloop.sky.tess.instrument import READ_NOISE, observe
from starloop.sky.tess.sectors import BTJD_ZERO_MJD, Sector

_FLUX = ("E", "e-/s")
_FORMATS: dict[str, tuple[str, str | None]] = {
    "TIME": ("D", "BJD - 2457000, days"),
    "TIMECORR": ("E", "d"),
    "CADENCENO": ("J", None),
    "SAP_FLUX": _FLUX,
    "SAP_FLUX_ERR": _FLUX,
    "SAP_BKG": _FLUX,
    "SAP_BKG_ERR": _FLUX,
    "PDCSAP_FLUX": _FLUX,
    "PDCSAP_FLUX_ERR": _FLUX,
    "QUALITY": ("J", None),
    "MOM_CENTR1": ("D", "pixel"),
    "MOM_CENTR2": ("D", "pixel"),
    "POS_CORR1": ("E", "pixels"),
    "POS_CORR2": ("E", "pixels"),
}
_Header = dict[str, object]


def write(
    rng: np.random.Generator, objects: Objects, which: int, tic: int, sector: Sector, folder: Path, *, ffi: bool = False
) -> pa.Table:
    """Observe one star in one sector and write its light curve into `folder`.

    Parameters
    ----------
    which : int
        The star's number among `objects`.
    tic : int
        Its number in the TESS Input Catalogue.
    sector : Sector
        One that sees it, as `sectors.observing` tells.
    ffi : bool
        From the full-frame images (author TESS-SPOC) instead of two-minute data (author SPOC).

    Returns
    -------
    pyarrow.Table
        The file's row in the tess table.

    Raises
    ------
    ValueError
        When the sector does not see the star.
    """
    ra, dec = float(objects.ra[which]), float(objects.dec[which])
    camera = sector.camera(ra, dec)
    if camera is None:
        raise ValueError(f"sector {sector.number} does not see {ra:.4f} {dec:+.4f}: choose one that observing() gives")
    plan = schedule(sector, full_frame_length(sector) if ffi else TWO_MINUTES, ra, dec)
    flux = electrons(objects, which, plan.instants()).mean(axis=0)
    usual = float(np.median(flux))
    aperture = draw(rng, usual, ra, dec)
    columns = {
        "TIME": np.where(plan.exposed, plan.time, np.nan),
        "TIMECORR": plan.correction,
        "CADENCENO": plan.number,
    } | observe(rng, plan, flux, aperture)
    about = _about(tic, ra, dec)
    primary = about | {
        "ORIGIN": "starloop",
        "CREATOR": "1 LightCurveExporter",
        "SECTOR": sector.number,
        "CAMERA": camera,
        "CCD": int(rng.integers(1, 5)),
        "TESSMAG": round(tess_mag(usual), 3),
    }
    obs_id, filename = _names(tic, sector, ffi)
    _write_fits(folder / filename, columns, primary, about | _timing(plan) | _photometry(aperture))
    row = [obs_id, tic, sector.number, float(plan.length), "TESS-SPOC" if ffi else "SPOC", filename, ra, dec]
    span = [float(plan.time[0]) + BTJD_ZERO_MJD, float(plan.time[-1]) + BTJD_ZERO_MJD]
    return pa.table([[value] for value in [*row, *span, (folder / filename).stat().st_size]], schema=TESS)


def _names(tic: int, sector: Sector, ffi: bool) -> tuple[str, str]:
    """Give the observation's id in MAST and the file's name."""
    if ffi:
        name = f"hlsp_tess-spoc_tess_phot_{tic:016d}-s{sector.number:04d}_tess_v1"
        # MAST names the observation after its pixel file.
        return f"{name}_tp", f"{name}_lc.fits"
    name = f"tess{sector.stamp}-s{sector.number:04d}-{tic:016d}-{sector.configuration:04d}-s"
    return name, f"{name}_lc.fits"


def _write_fits(path: Path, columns: dict[str, Reals], primary: _Header, table: _Header) -> None:
    from astropy.io import fits

    made = [
        fits.Column(name, form, unit, array=_whole(columns[name]) if form == "J" else columns[name])
        for name, (form, unit) in _FORMATS.items()
    ]
    first, second = fits.PrimaryHDU(), fits.BinTableHDU.from_columns(made, name="LIGHTCURVE")
    first.header.update(primary)
    second.header.update(table)
    fits.HDUList([first, second]).writeto(path)


def _whole(column: NDArray[np.generic]) -> NDArray[np.int32]:
    return column.astype(np.int32)


def _about(tic: int, ra: float, dec: float) -> _Header:
    return {
        "SIMDATA": (True, "file is based on simulated data"),
        "TELESCOP": "TESS",
        "INSTRUME": "TESS Photometer",
        "OBJECT": f"TIC {tic}",
        "TICID": tic,
        "RADESYS": "ICRS",
        "RA_OBJ": ra,
        "DEC_OBJ": dec,
        "EQUINOX": 2000.0,
    }


def _timing(plan: Schedule) -> _Header:
    live = plan.exposure / plan.length
    return {
        "TIMEREF": "SOLARSYSTEM",
        "TIMESYS": "TDB",
        "BJDREFI": 2457000,
        "BJDREFF": 0.0,
        "TIMEUNIT": "d",
        "TIMEPIXR": 0.5,
        "TIMEDEL": plan.step,
        "TSTART": float(plan.time[0] - plan.step / 2),
        "TSTOP": float(plan.time[-1] + plan.step / 2),
        "DEADC": live,
        "EXPOSURE": live * plan.step * int(plan.exposed.sum()),
        "INT_TIME": INTEGRATION_S,
        "READTIME": FRAME_S - INTEGRATION_S,
        "FRAMETIM": FRAME_S,
        "NUM_FRM": round(plan.length / FRAME_S),
        "NREADOUT": round(plan.readouts),
    }


def _photometry(aperture: Aperture) -> _Header:
    return {
        "BACKAPP": True,
        "READNOIA": READ_NOISE,
        "CROWDSAP": (aperture.crowding, "Ratio of target flux to total flux in op. ap."),
        "FLFRCSAP": (aperture.fraction, "Frac. of target flux w/in the op. aperture"),
        "NPIXSAP": aperture.pixels,
        "PDCMETHD": "MAP",
    }
