"""TESS light curves of the SPOC pipeline (Jenkins et al. 2016, doi:10.1117/12.2233418) at MAST.

lightkurve's own search is not used. It remembers its answers for as long as the process lives. It pads numbers to
nine digits, which MAST does not (lightkurve issue 1073), and whenever an answer is empty it asks a name resolver, whose
address cannot be changed, and then around the place. And it does not notice when the list of files is short.
So astroquery is put lightkurve's two questions, for the bare number, and lightkurve reads what came.
"""

import math
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from starloop.archives.fits_cache import FitsCache, quietly
from starloop.archives.line import Unavailable
from starloop.archives.mast import Mast, Row, understood
from starloop.nights.calendar import Night
from starloop.sky.tables import TESS

_LIGHT_CURVE = "lc.fits"
"""How the names of light-curve files end: ``s_lc.fits`` for two minutes, ``a_fast-lc.fits`` for 20 seconds."""


class Tess:
    """SPOC's light curves, and the folder in which their files are kept; threads may share it.

    Parameters
    ----------
    mast : Mast
        Where they are.
    cache : Path
        Folder for the FITS files, each under MAST's name; a broken one moves to ``quarantine/`` in it.
    """

    def __init__(self, mast: Mast, cache: Path) -> None:
        self.line = mast.line
        self._mast = mast
        self._cache = FitsCache(cache, "LIGHTCURVE")

    def light_curves(self, tic: int, night: Night) -> pa.Table:
        """Give a TIC star's light curves that ended before the night's end; their files are in the cache then.

        Returns
        -------
        pyarrow.Table
            Rows of the tess table, sorted by sector and file; none is not an error.

        Raises
        ------
        Unavailable
            When an answer is not one or may have been cut, or a file came broken.
        Refused, ArchiveDown
            When MAST does not take a question, or does not answer.
        BadInput
            When MAST does not accept the token.
        """
        files = self._files(tic, night.end)
        for uri, row in files.items():
            self._cache.keep(row["filename"], row["size"], partial(self._download, uri))
        found = pa.Table.from_pylist(list(files.values()), schema=TESS)
        return found.sort_by([("sector", "ascending"), ("filename", "ascending")])

    def canary(self) -> str | None:
        """Search for the light curves of a star that has some; None where there is no such star.

        Raises
        ------
        ArchiveDown
            When it has none, or MAST does not answer.
        BadInput
            When MAST does not accept the token.
        """
        tic = self._mast.canaries.tic
        if tic is None:
            return None

        def look() -> str:
            found = len(self._files(tic, math.inf))
            if not found:
                raise Unavailable(f"no light curve of TIC {tic}, which has always had some")
            return f"light curves of TIC {tic}: {found}"

        return self.line.need(look)

    def _files(self, tic: int, end: float) -> dict[str, Row]:
        """List the light curves that ended before a time (MJD): rows of the tess table by the address of the file."""
        astroquery = self._mast.observations
        observed = self._mast.rows(
            lambda: astroquery.query_criteria_async(
                target_name=str(tic), project="TESS", provenance_name="SPOC", dataproduct_type="timeseries"
            )
        )
        with understood():
            past = [observation for observation in observed if float(observation["t_max"]) < end]
            numbers = [str(observation["obsid"]) for observation in past]
        if not past:
            return {}
        listed = self._mast.rows(lambda: astroquery.get_product_list_async(numbers))
        with understood():
            return {
                str(product["dataURI"]): _row(tic, observation, product)
                for observation in past
                for product in _light_curves(observation, listed)
            }

    def _download(self, uri: str, into: Path) -> None:
        with understood():
            status, why, _ = self._mast.observations.download_file(
                uri, local_path=str(into), cache=False, verbose=False
            )
        if status != "COMPLETE":
            raise Unavailable(f"{into.name} was not downloaded: {why}")
        with quietly():
            from lightkurve import LightkurveError, read

            try:
                read(str(into))
            except LightkurveError as wrong:
                raise Unavailable(f"lightkurve cannot read {into.name}: {wrong}"[:160]) from wrong


def _light_curves(observation: Row, listed: list[Row]) -> list[Row]:
    """Pick an observation's light curves from a list of files; summaries of the search for planets have none."""
    own = [product for product in listed if product["obs_id"] == observation["obs_id"]]
    curves = [product for product in own if product["productFilename"].endswith(_LIGHT_CURVE)]
    promised = str(observation["dataURL"])
    if not own or (promised.endswith(_LIGHT_CURVE) and promised not in {product["dataURI"] for product in curves}):
        raise Unavailable(f"its list of files lacks those of {observation['obs_id']}")
    return curves


def _row(tic: int, observation: Row, product: Row) -> dict[str, Any]:
    name = str(product["productFilename"])
    if Path(name).name != name:
        raise ValueError(f"{name} is not the name of a file")
    return {
        "obs_id": str(observation["obs_id"]),
        "tic": tic,
        "sector": int(observation["sequence_number"]),
        "exptime": float(observation["t_exptime"]),
        "author": str(observation["provenance_name"]),
        "filename": name,
        "ra": float(observation["s_ra"]),
        "dec": float(observation["s_dec"]),
        "t_min": float(observation["t_min"]),
        "t_max": float(observation["t_max"]),
        "size": int(product["size"]),
    }
