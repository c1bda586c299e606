"""TESS light curves of the SPOC pipeline (Jenkins et al. 2016, doi:10.1117/12.2233418), through lightkurve."""

import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from starloop.archives import mast
from starloop.archives.http import Refused, Unavailable
from starloop.nights.calendar import Night
from starloop.settings import Archives
from starloop.sky.tables import TESS


def light_curves(archives: Archives, tic: int, night: Night, into: Path) -> pa.Table:
    """Download every light curve of a TIC star that ended before the night's end; `mast.point` was called before.

    Parameters
    ----------
    into : Path
        Folder for the FITS files; a file appears in it only when it is whole and can be opened.

    Returns
    -------
    pyarrow.Table
        Rows of the tess table, sorted by sector and file; none is not an error.

    Raises
    ------
    Refused
        When the answer is malformed.
    ArchiveDown
        When MAST does not answer, or only with broken files.
    """
    archive = mast.archive(archives)
    found = archive.ask(lambda: _search(tic))
    rows = []
    for product in found:
        row = _row(tic, product.table[0])
        if row["t_max"] < night.end:
            archive.ask(_download(product, row, into))
            rows.append(row)
    return pa.Table.from_pylist(rows, schema=TESS).sort_by([("sector", "ascending"), ("filename", "ascending")])


def _search(tic: int) -> list[Any]:
    """Search by the exact target: where there is none, lightkurve would ask a name resolver and search around it."""
    from astroquery.mast import Observations

    with warnings.catch_warnings(action="ignore"):  # its import warns that an optional package is missing
        from lightkurve import search_lightcurve

    with mast.translated():
        known = Observations.query_criteria(
            target_name=f"{tic:09d}", project="TESS", provenance_name="SPOC", dataproduct_type="timeseries"
        )
        if not len(known):
            return []
        # it remembers answers for as long as the process lives, and would never see a new sector
        search_lightcurve.cache_clear()
        return list(search_lightcurve(f"TIC {tic}", mission="TESS", author="SPOC"))


def _row(tic: int, product: Any) -> dict[str, Any]:
    """Make a row of the tess table from a product of MAST's."""
    try:
        return {
            "obs_id": str(product["obs_id"]),
            "tic": tic,
            "sector": int(product["sequence_number"]),
            "exptime": float(product["t_exptime"]),
            "author": str(product["provenance_name"]),
            "filename": str(product["productFilename"]),
            "ra": float(product["s_ra"]),
            "dec": float(product["s_dec"]),
            "t_min": float(product["t_min"]),
            "t_max": float(product["t_max"]),
            "size": int(product["size"]),
        }
    except (KeyError, ValueError, TypeError) as wrong:
        raise Refused(f"its list of files is malformed: {wrong!r}") from wrong


def _download(product: Any, row: dict[str, Any], into: Path) -> Callable[[], None]:
    """Make the call that fetches one file into a fresh folder: a broken one left behind would be kept for ever."""

    def call() -> None:
        from astropy.io import fits
        from lightkurve import LightkurveError

        with tempfile.TemporaryDirectory() as fresh:
            try:
                with mast.translated():
                    product.download(download_dir=fresh)
                file = next(Path(fresh).rglob(row["filename"]))
                if file.stat().st_size != row["size"]:
                    raise Unavailable(f"{row['filename']} came with {file.stat().st_size} of {row['size']} bytes")
                with fits.open(file) as opened:
                    opened.verify("exception")
            except (LightkurveError, OSError, StopIteration) as wrong:
                raise Unavailable(f"{row['filename']} came broken: {wrong}"[:160]) from wrong
            into.mkdir(parents=True, exist_ok=True)
            shutil.move(file, into / row["filename"])

    return call
