"""The unmodified lightkurve and astroquery.mast against the archive server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import astropy.units as u
import httpx
import numpy as np
import pytest
from astropy.coordinates import SkyCoord

from starloop.sky.server.host import Served
from starloop.sky.tables import Sky
from tests.contract.conftest import point_mast_at

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def target(small_sky: Sky) -> dict[str, Any]:
    """The row of the small sky's TESS light curve."""
    row: dict[str, Any] = small_sky.read("tess").to_pylist()[0]
    return row


def test_lightkurve_finds_downloads_and_opens(mast: Served, target: dict[str, Any], tmp_path: Path) -> None:
    import lightkurve

    found = lightkurve.search_lightcurve(f"TIC {target['tic']}", mission="TESS", author="SPOC", sector=target["sector"])
    assert len(found) == 1
    curve = found.download(download_dir=str(tmp_path))
    assert curve.meta["TICID"] == target["tic"]
    assert np.isfinite(curve.flux.value.unmasked).sum() > 1000


def test_another_sector_is_no_observation(mast: Served, target: dict[str, Any]) -> None:
    from astroquery.mast import Observations

    none = Observations.query_criteria(
        target_name=f"{target['tic']:09d}", project=["TESS"], sequence_number=target["sector"] + 1
    )
    assert len(none) == 0


def test_a_range_filters_observations(mast: Served, target: dict[str, Any]) -> None:
    from astroquery.mast import Observations

    both = {"t_exptime": [target["exptime"] - 1, target["exptime"] + 1], "project": ["TESS"]}
    assert list(Observations.query_criteria(**both)["obs_id"]) == [target["obs_id"]]
    both["t_exptime"] = [1, 2]
    assert len(Observations.query_criteria(**both)) == 0


def test_a_cone_of_the_input_catalogue_is_nearest_first(mast: Served, small_sky: Sky) -> None:
    from astroquery.mast import Catalogs

    stars = [row for row in small_sky.read("objects").to_pylist() if row["tic"] is not None]
    star = stars[0]
    near = Catalogs.query_region(SkyCoord(star["ra"], star["dec"], unit="deg"), catalog="TIC", radius=5 * u.arcsec)
    assert near["ID"][0] == str(star["tic"])
    assert near["dstArcSec"][0] == pytest.approx(0, abs=1e-3)
    wide = Catalogs.query_region(SkyCoord(star["ra"], star["dec"], unit="deg"), catalog="tic", radius=180 * u.deg)
    assert len(wide) == len({row["tic"] for row in stars})
    assert list(wide["dstArcSec"]) == sorted(wide["dstArcSec"])


def test_the_input_catalogue_is_found_by_number(mast: Served, target: dict[str, Any]) -> None:
    from astroquery.mast import Catalogs

    rows = Catalogs.query_criteria(catalog="TIC", ID=target["tic"])
    assert list(rows["ID"]) == [str(target["tic"])]


def test_what_is_not_known_is_an_error_in_the_portals_words(served: Served) -> None:
    unknown = httpx.post(f"{served.url}/api/v0/invoke", data={"request": '{"service": "Mast.Nowhere"}'}).json()
    assert (unknown["status"], unknown["data"]) == ("ERROR", [])
    assert "Mast.Nowhere" in unknown["msg"]
    assert httpx.post(f"{served.url}/api/v0/invoke", data={"request": "{"}).json()["status"] == "ERROR"


def test_files_outside_the_table_are_not_found(served: Served, target: dict[str, Any]) -> None:
    url = f"{served.url}/api/v0.1/Download/file"
    there = httpx.head(url, params={"uri": f"mast:TESS/product/{target['filename']}"})
    assert (there.status_code, int(there.headers["content-length"])) == (200, target["size"])
    for uri in ("mast:TESS/product/none_lc.fits", "mast:TESS/product/../sky.json"):
        assert httpx.get(url, params={"uri": uri}).status_code == 404


def test_nobody_is_logged_in(served: Served) -> None:
    told = httpx.get(f"{served.url}/whoami").json()
    assert told["anon"] is True
    assert "expire" not in told


def test_a_token_expires_ten_days_after_its_last_use(served: Served) -> None:
    told = httpx.get(f"{served.url}/whoami", headers={"cookie": f"mast_token={'0123456789abcdef' * 2}"}).json()
    assert told["anon"] is False
    left = datetime.fromisoformat(told["expire"]) - datetime.now(UTC)
    assert timedelta(days=9) < left < timedelta(days=10)


def test_a_recorded_light_curve_opens(recorded: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import lightkurve

    point_mast_at(recorded, monkeypatch)
    found = lightkurve.search_lightcurve("TIC 358108509", mission="TESS", sector=1)
    curve = found.download(download_dir=str(tmp_path))
    assert (curve.meta["TICID"], curve.meta["SECTOR"]) == (358108509, 1)
