"""The TESS Input Catalog at MAST (Stassun et al. 2019, doi:10.3847/1538-3881/ab3467)."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

import requests

from starloop.archives.http import Archive, Refused, Unavailable, check_status
from starloop.errors import BadInput
from starloop.settings import Archives

RADIUS_ARCSEC = 2.0


def archive(archives: Archives) -> Archive:
    """Say which archive MAST is."""
    return Archive("MAST", archives.mast_url, "STARLOOP_ARCHIVES__MAST_URL", archives.timeout_s)


def point(archives: Archives) -> None:
    """Point astroquery, and lightkurve above it, at the archive: its addresses are read once, at import.

    Raises
    ------
    BadInput
        When MAST does not accept the token.
    ArchiveDown
        When there is a token, and MAST does not answer.
    """
    from astroquery.exceptions import NoResultsWarning
    from astroquery.mast.discovery_portal import PortalAPI

    PortalAPI.MAST_REQUEST_URL = f"{archives.mast_url}/api/v0/invoke"
    PortalAPI.COLUMNS_CONFIG_URL = f"{archives.mast_url}/portal/Mashup/Mashup.asmx/columnsconfig"
    PortalAPI.MAST_DOWNLOAD_URL = f"{archives.mast_url}/api/v0.1/Download/file"
    PortalAPI.TIMEOUT = archives.timeout_s
    warnings.filterwarnings("ignore", category=NoResultsWarning)
    if archives.mast_token:
        _log_in(archives, archives.mast_token.get_secret_value())


def _log_in(archives: Archives, token: str) -> None:
    from astroquery.exceptions import LoginError
    from astroquery.mast import Observations

    # its own copy of the address, made from astroquery's configuration
    Observations._auth_obj.SESSION_INFO_URL = f"{archives.mast_url}/whoami"

    def call() -> None:
        with translated():
            Observations.login(token)

    try:
        archive(archives).ask(call)
    except LoginError:
        raise BadInput(
            f"MAST at {archives.mast_url} does not accept the token in MAST_API_TOKEN: "
            "renew it, or unset it (public data need none)"
        ) from None


def nearest_tic(archives: Archives, ra: float, dec: float) -> int | None:
    """Find the TIC star nearest to a position (degrees), within `RADIUS_ARCSEC`; `point` was called before.

    Raises
    ------
    Refused
        When the answer is malformed.
    ArchiveDown
        When MAST does not answer.
    """
    from astropy import units
    from astropy.coordinates import SkyCoord
    from astroquery.mast import Catalogs

    def cone() -> list[tuple[float, int]]:
        with translated():
            # its own instance: one keeps the running query in itself
            stars = type(Catalogs)().query_region(
                SkyCoord(ra, dec, unit="deg"), radius=RADIUS_ARCSEC * units.arcsec, catalog="TIC"
            )
            return sorted((float(star["dstArcSec"]), int(star["ID"])) for star in stars)

    stars = archive(archives).ask(cone)
    return stars[0][1] if stars and stars[0][0] <= RADIUS_ARCSEC else None


@contextmanager
def translated() -> Iterator[None]:
    """Say in starloop's words what astroquery's exceptions mean."""
    from astroquery.exceptions import RemoteServiceError
    from astroquery.exceptions import TimeoutError as PollingTimeoutError

    try:
        yield
    except JSONDecodeError as wrong:
        raise Refused("its answer is not JSON") from wrong
    except requests.HTTPError as wrong:
        if wrong.response is not None:
            check_status(wrong.response.status_code, wrong.response.headers.get("retry-after"), wrong.response.text)
        raise Refused(str(wrong)) from wrong
    except (requests.RequestException, RemoteServiceError, PollingTimeoutError) as wrong:
        raise Unavailable(f"{type(wrong).__name__}: {wrong}"[:120]) from wrong
    except (KeyError, ValueError) as wrong:
        raise Refused(f"its answer is malformed: {wrong!r}") from wrong
