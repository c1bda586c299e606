"""What catalogues say of the simulated objects: mostly the truth, near the right place."""

import numpy as np
import pyarrow as pa

from starloop.sky.simulator.census import Census, letters
from starloop.sky.tables import CATALOGUES

# Stated in sky.json: catalogues miss one object in twenty and give one in fifty a wrong type.
MISSING_SHARE = 0.05
WRONG_SHARE = 0.02

_CONFUSED = {
    "RRAB": "EW",
    "DCEP": "RRAB",
    "EW": "RRAB",
    "EA": "EW",
    "M": "SR",
    "SR": "DCEP",
    "SN Ia": "SN II",
    "SN II": "SN Ia",
}


def catalogues(rng: np.random.Generator, census: Census) -> pa.Table:
    """Write the catalogue entries, sorted by catalogue and name.

    Offsets from the true position are Gaussian with 0.1 to 0.6 arcsec rms. A type that is wrong is one that is
    confused with the true one in practice; quasars are never mistaken.
    """
    n = len(census)
    listed = np.array([name is not None for name in census.catalogue]) & (rng.uniform(size=n) >= MISSING_SHARE)
    wrong = rng.uniform(size=n) < WRONG_SHARE
    rms = rng.uniform(0.1, 0.6, n) / 3600 / np.sqrt(2)
    east, north = rng.standard_normal((2, n)) * rms
    ra, dec = (census.ra + east / np.cos(np.radians(census.dec))) % 360, census.dec + north
    names = _names(census)
    entries = [
        (
            census.catalogue[row],
            names[row],
            ra[row],
            dec[row],
            _CONFUSED.get(census.type[row], census.type[row]) if wrong[row] else census.type[row],
            census.period[row],
            census.redshift[row],
            census.oid[row],
        )
        for row in np.flatnonzero(listed)
    ]
    columns = zip(*sorted(entries, key=lambda entry: (entry[0], entry[1])), strict=True)
    return pa.table(
        [pa.array(column, of.type, from_pandas=True) for column, of in zip(columns, CATALOGUES, strict=True)],
        schema=CATALOGUES,
    )


def _names(census: Census) -> list[str]:
    """Name each object: supernovae in the order they were first seen, others by where they stand."""
    alerts = census.measured.take(census.measured.alert)
    first = np.full(len(census), np.inf)
    np.minimum.at(first, alerts.which, alerts.mjd)
    seen = iter(range(len(census)))
    names = [""] * len(census)
    for row in np.argsort(first, kind="stable"):
        catalogue = census.catalogue[row]
        if catalogue == "BTS":
            names[row] = "SN2020" + letters(next(seen), 3)
        else:
            survey = "ZTF" if catalogue == "B/vsx/vsx" else "SDSS"
            names[row] = f"{survey} J{_sexagesimal(census.ra[row], census.dec[row])}"
    return names


def _sexagesimal(ra: float, dec: float) -> str:
    """Write a position as catalogues put it into names: HHMMSS.ss+DDMMSS.s, truncated."""
    centiseconds, deciarcsec = int(ra / 15 * 360000), int(abs(dec) * 36000)
    return (
        f"{centiseconds // 360000:02d}{centiseconds // 6000 % 60:02d}{centiseconds % 6000 / 100:05.2f}"
        f"{'-' if dec < 0 else '+'}{deciarcsec // 36000:02d}{deciarcsec // 600 % 60:02d}{deciarcsec % 600 / 10:04.1f}"
    )
