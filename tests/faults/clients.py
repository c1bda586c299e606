"""What a person writes with the unmodified clients, as their documentation shows: one call a question."""

import io
import json
import os
import warnings
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import requests

from starloop.archives.config import Archives
from tests.faults.asked import Target

_RADIUS_ARCSEC = 2
_RADIUS_DEG = 0.0004
_PAGE_SIZE = 100


def configure(archives: Archives, folder: Path) -> None:
    """Point the clients at the archives, by the files they read before they are imported."""
    folder.mkdir(parents=True)
    (folder / "alerce.json").write_text(json.dumps(_alerce_config(archives.alerce.url)))
    (folder / "astroquery.cfg").write_text(
        f"[mast]\nserver = {archives.mast.url}\n[xmatch]\nurl = {archives.xmatch.url}\n"
    )
    os.environ |= {
        "ALERCE_CONFIG_PATH": str(folder / "alerce.json"),
        "ASTROPY_CONFIG_DIR": str(folder),
        "ASTROPY_CACHE_DIR": str(folder),
        "XDG_CACHE_HOME": str(folder),
    }


def _alerce_config(url: str) -> dict[str, Any]:
    """Give the file the client ships with, with another address: it replaces the defaults as a whole."""
    shipped = Path(find_spec("alerce").submodule_search_locations[0], "default_config.json")  # type: ignore
    config: dict[str, Any] = json.loads(shipped.read_text())
    config["ztf"]["ZTF_API_URL"] = url
    return config


class Clients:
    """The clients of a long-lived worker: made once, asked every night.

    Parameters
    ----------
    archives : Archives
        Where IRSA and BTS are; `configure` told the others.
    cache : Path
        Where lightkurve keeps its files, for all nights.
    """

    def __init__(self, archives: Archives, cache: Path) -> None:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings(action="ignore"):  # optional packages are missing
            import lightkurve
            from alerce.core import Alerce
            from astroquery.mast import Catalogs
            from astroquery.xmatch import XMatch
        warnings.filterwarnings("ignore")
        self._archives, self.cache = archives, cache
        self._alerce, self._catalogs, self._xmatch, self._lightkurve = Alerce(), Catalogs, XMatch, lightkurve
        self.active: list[Target] = []
        """Whom the cross-match is about."""

    def objects(self, begin: float, end: float) -> pd.DataFrame:
        """Page through the list while there is a next page; only the answer as JSON tells, and only when it counts."""
        items: list[dict[str, Any]] = []
        page = 1
        while True:
            answer = self._alerce.query_objects(
                survey="ztf",
                format="json",
                firstmjd=[0, end],
                lastmjd=[begin, 100_000],
                order_by="oid",
                order_mode="ASC",
                page=page,
                page_size=_PAGE_SIZE,
                count="true",
            )
            items += answer["items"]
            if not answer["has_next"]:
                return pd.DataFrame(items)
            page += 1

    def detections(self, oid: str) -> pd.DataFrame:
        """Ask for an object's detections."""
        return self._alerce.query_detections(oid, survey="ztf", format="pandas")

    def non_detections(self, oid: str) -> pd.DataFrame:
        """Ask for an object's upper limits."""
        return self._alerce.query_non_detections(oid, survey="ztf", format="pandas")

    def epochs(self, oid: str, ra: float, dec: float) -> pd.DataFrame:
        """Ask IRSA for the epochs at a position."""
        position = {"POS": f"CIRCLE {ra:.6f} {dec:.6f} {_RADIUS_DEG}", "FORMAT": "CSV"}
        return _csv(self._archives.irsa.url, position)

    def transients(self) -> pd.DataFrame:
        """Ask for the Bright Transient Survey's list."""
        return _csv(self._archives.bts.url, {"format": "csv"})

    def stars(self, oid: str, ra: float, dec: float) -> pd.DataFrame:
        """Ask for the TIC's stars at a position."""
        from astropy import units
        from astropy.coordinates import SkyCoord

        found = self._catalogs.query_region(
            SkyCoord(ra, dec, unit="deg"), radius=_RADIUS_ARCSEC * units.arcsec, catalog="TIC"
        )
        return found.to_pandas()

    def curves(self, tic: int) -> pd.DataFrame:
        """Download a star's light curves, all into the same cache."""
        found = self._lightkurve.search_lightcurve(f"TIC {tic}", mission="TESS", author="SPOC")
        curves = found.download_all(download_dir=str(self.cache))
        return pd.concat([curve.to_pandas().reset_index().assign(sector=curve.sector) for curve in curves or ()])

    def entries(self, table: str, name: str) -> pd.DataFrame:
        """Match the active objects to a VizieR table."""
        from astropy import units
        from astropy.table import Table

        rows = [(target.oid, target.ra, target.dec) for target in self.active]
        found = self._xmatch.query(
            Table(rows=rows, names=("object", "ra", "dec")),
            f"vizier:{table}",
            _RADIUS_ARCSEC * units.arcsec,
            colRA1="ra",
            colDec1="dec",
        )
        return found.to_pandas().rename(columns={name: "name"})


def _csv(url: str, parameters: dict[str, str]) -> pd.DataFrame:
    answer = requests.get(url, params=parameters)  # noqa: S113 - as in most scripts, without a timeout
    answer.raise_for_status()
    return pd.read_csv(io.StringIO(answer.text))
