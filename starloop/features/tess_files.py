"""Reading TESS light-curve files: quality 0, relative to the median of each."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.errors import BadInput
from starloop.features.screening import Reals

# With fewer points, the median of a file's flux says little about its star.
FEWEST_POINTS = 10


def tess_curves(files: pa.Table, objects: pa.Table, oids: pa.Array, folder: Path) -> dict[str, pa.Array]:
    """Make the TESS light curve of every object that is a star of the TIC with files.

    Of the files of one star and sector, those of the longest exposure are read: the others hold the same photons.

    Parameters
    ----------
    files, objects : pyarrow.Table
        Columns of `starloop.sky.tables.TESS` and of `OBJECTS`.
    oids : pyarrow.Array
        The objects wanted.
    folder : Path
        Where the files are.

    Returns
    -------
    dict of str to pyarrow.Array
        The columns tess_time (BTJD, days), tess_flux and tess_err (relative to the median of the file); null for
        an object without TESS data.

    Raises
    ------
    BadInput
        When a file is not there or cannot be read.
    """
    tics = objects["tic"].take(pc.index_in(oids, value_set=objects["oid"].combine_chunks())).to_pylist()
    known = files.filter(pc.is_in(files["tic"], value_set=pa.array(tics, pa.int64()).drop_null()))
    chosen: dict[int, dict[int, str]] = {}
    for row in known.sort_by([("exptime", "ascending"), ("filename", "ascending")]).to_pylist():
        chosen.setdefault(row["tic"], {})[row["sector"]] = row["filename"]
    lists: list[list[Reals] | None] = [_star(folder, chosen[tic]) if tic in chosen else None for tic in tics]
    names = ("tess_time", "tess_flux", "tess_err")
    return {
        name: pa.array([one and one[number] for one in lists], pa.list_(pa.float64()))
        for number, name in enumerate(names)
    }


def _star(folder: Path, sectors: dict[int, str]) -> list[Reals]:
    parts = [read(folder / name) for _, name in sorted(sectors.items())]
    return [np.concatenate([part[number] for part in parts]) for number in range(3)]


def read(path: Path) -> tuple[Reals, Reals, Reals]:
    """Read one light-curve file of SPOC's (Jenkins et al. 2016, doi:10.1117/12.2233418).

    PDCSAP flux where it has any, otherwise SAP flux; cadences of quality 0 with a time and a flux.

    Returns
    -------
    time, flux, err : numpy.ndarray
        BTJD (days), flux and its error over the median flux; empty with fewer than `FEWEST_POINTS` cadences or
        where the median is not positive.

    Raises
    ------
    BadInput
        When the file is not there or is no such file.
    """
    from astropy.io import fits

    try:
        with fits.open(path, memmap=False) as opened:
            rows = opened["LIGHTCURVE"].data
            columns = {name: np.asarray(rows[name], dtype=np.float64) for name in rows.names if rows[name].ndim == 1}
        kind = "PDCSAP_FLUX" if np.isfinite(columns["PDCSAP_FLUX"]).any() else "SAP_FLUX"
        time, flux, err, quality = (columns[name] for name in ("TIME", kind, f"{kind}_ERR", "QUALITY"))
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise BadInput(
            f"{path} cannot be read as a TESS light curve ({wrong}): restore the raw night (dvc checkout), "
            "or delete it and ingest it again"
        ) from None
    good = (quality == 0) & np.isfinite(time) & np.isfinite(flux)
    level = np.median(flux[good]) if good.sum() >= FEWEST_POINTS else 0.0
    if not level > 0.0:
        return np.empty(0), np.empty(0), np.empty(0)
    return time[good], flux[good] / level, err[good] / level
