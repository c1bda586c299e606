"""What catalogues say of the simulated objects: mostly the truth, near the right place."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from starloop.sky.populations.objects import Flags, Ints, Objects, Reals
from starloop.sky.simulator import names
from starloop.sky.simulator.names import Texts
from starloop.sky.tables import CATALOGUES

# Stated in sky.json. The second catalogue of periodic stars covers a third of them and errs on its own.
MISSING_SHARE = 0.05
WRONG_SHARE = 0.02
PERIODIC_SHARE, PERIODIC_WRONG_SHARE = 1 / 3, 0.03
HARMONIC_SHARE = 0.02

PERIODIC = "J/ApJS/249/18/table2"
_CONFUSED = {
    "RRAB": "EW",
    "RRC": "EW",
    "DCEP": "RRAB",
    "DSCT": "EW",
    "HADS": "RRC",
    "EW": "RRC",
    "EB": "EW",
    "EA": "EB",
    "M": "SR",
    "SR": "L",
    "RS": "EW",
    "BY": "RS",
    "UGSS": "UGSU",
    "CTTS": "INS",
    "AGN": "QSO",
    "BLLAC": "AGN",
    "SN Ia": "SN Ic",
    "SN Ib": "SN Ic",
    "SN Ic": "SN Ia",
    "SN II": "SN IIn",
    "SN IIP": "SN II",
    "SN IIb": "SN Ib",
    "SN IIn": "SLSN-II",
    "SLSN-I": "SN Ic",
    "SLSN-II": "SN IIn",
    "TDE": "SN II",
}
# The names Chen et al. 2020 (doi:10.3847/1538-4365/ab9cae) give the types of VSX.
_PERIODIC_NAMES = {
    "RRAB": "RRab",
    "RRC": "RRc",
    "DCEP": "CEP",
    "DSCT": "DSCT",
    "HADS": "DSCT",
    "M": "Mira",
    "SR": "SR",
    "EA": "EA",
    "EB": "EW",
    "EW": "EW",
    "RS": "RSCVN",
    "BY": "BYDra",
}
_PERIODIC_CONFUSED = {
    "RRab": "EW",
    "RRc": "EW",
    "CEP": "RSCVN",
    "DSCT": "EW",
    "Mira": "SR",
    "SR": "Mira",
    "EA": "EW",
    "EW": "RRc",
    "RSCVN": "BYDra",
    "BYDra": "RSCVN",
}


def catalogues(rng: np.random.Generator, objects: Objects, number: Ints, oid: Texts, first_mjd: Reals) -> pa.Table:
    """Write the catalogue entries of some objects; one listed twice may be of two types.

    Offsets from the true position are Gaussian with 0.1 to 0.6 arcsec rms, a tenth of it in the catalogue of periodic
    stars. A type that is wrong is one that is confused with the true one in practice; a period may be a harmonic.

    Parameters
    ----------
    number : array of shape (n,)
        The objects' numbers in the sky.
    first_mjd : array of shape (n,)
        When each first alerted.
    """
    n = len(objects)
    types = np.array(objects.types, dtype=object)
    rms = rng.uniform(0.1, 0.6, n)
    listed = np.full(n, objects.catalogue is not None) & (rng.uniform(size=n) >= MISSING_SHARE)
    main = {
        "catalogue": np.full(n, objects.catalogue, dtype=object),
        "name": _names(objects, number, first_mjd),
        **_place(rng, objects, rms),
        "type": _mistaken(rng, types, _CONFUSED, WRONG_SHARE),
        "period": _period(rng, objects.period),
        "redshift": objects.redshift,
        "oid": oid,
    }
    known = np.array([_PERIODIC_NAMES.get(name) for name in objects.types], dtype=object)
    periodic = np.array([name is not None for name in known], dtype=bool) & (rng.uniform(size=n) < PERIODIC_SHARE)
    second = main | {
        "catalogue": np.full(n, PERIODIC, dtype=object),
        "name": np.array(names.by_place("ZTFJ", objects.ra, objects.dec), dtype=object),
        **_place(rng, objects, 0.1 * rms),
        "type": _mistaken(rng, known, _PERIODIC_CONFUSED, PERIODIC_WRONG_SHARE),
        "period": _period(rng, objects.period),
    }
    return pa.concat_tables([_table(main, listed), _table(second, periodic)])


def _names(objects: Objects, number: Ints, first_mjd: Reals) -> Texts:
    if objects.catalogue == "BTS":
        told = names.supernovae(number, first_mjd)
    else:
        told = names.by_place("SDSS J" if objects.catalogue == "VII/290" else "ZTF J", objects.ra, objects.dec)
    return np.array(told, dtype=object)


def _place(rng: np.random.Generator, objects: Objects, rms_arcsec: Reals) -> dict[str, NDArray[np.generic]]:
    east, north = rng.standard_normal((2, len(objects))) * rms_arcsec / 3600 / np.sqrt(2)
    return {"ra": (objects.ra + east / np.cos(np.radians(objects.dec))) % 360, "dec": objects.dec + north}


def _mistaken(rng: np.random.Generator, types: Texts, confused: dict[str, str], share: float) -> Texts:
    wrong = rng.uniform(size=len(types)) < share
    return np.array([confused.get(name, name) if bad else name for name, bad in zip(types, wrong, strict=True)], object)


def _period(rng: np.random.Generator, period: Reals) -> Reals:
    """Give periods to five digits; a few are half or twice the true one."""
    harmonic = np.where(rng.uniform(size=len(period)) < HARMONIC_SHARE, rng.choice([0.5, 2.0], len(period)), 1.0)
    digits = 10 ** (4 - np.floor(np.log10(period)))
    return np.asarray(np.round(harmonic * period * digits) / digits)


def _table(columns: dict[str, NDArray[np.generic]], kept: Flags) -> pa.Table:
    return pa.table(
        [pa.array(columns[of.name][kept], of.type, from_pandas=True) for of in CATALOGUES], schema=CATALOGUES
    )
