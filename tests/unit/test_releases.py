"""Data-release epochs, upper limits, TESS files and positions become the lists of each object."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits

from starloop.errors import BadInput
from starloop.features.releases import release_curves, upper_limits
from starloop.features.sphere import galactic_latitude
from starloop.features.tess_files import read, tess_curves
from starloop.sky.tables import NON_DETECTIONS, OBJECTS, RELEASES, TESS

OIDS = pa.array(["ZTF1", "ZTF2"])
PLACES = pa.Table.from_pylist([{"oid": "ZTF2", "ra": 359.9999, "dec": 0.0, "tic": 7}, {"oid": "ZTF1"}], schema=OBJECTS)


def epoch(mjd: float, **told: Any) -> dict[str, Any]:
    usual = {"oid": 11, "mag": 18.0, "magerr": 0.02, "catflags": 0, "filtercode": "zg", "ra": 0.0, "dec": 0.0}
    return usual | {"mjd": mjd, "query": "ZTF2"} | told


def releases(*rows: dict[str, Any]) -> dict[str, list[Any]]:
    table = pa.Table.from_pylist(list(rows), schema=RELEASES)
    return {name: column.to_pylist() for name, column in release_curves(table, PLACES, OIDS).items()}


def flux_file(path: Path, **columns: np.ndarray) -> Path:
    n = 20
    usual = {
        "TIME": np.arange(n, dtype=float),
        "SAP_FLUX": np.full(n, 50.0),
        "SAP_FLUX_ERR": np.full(n, 5.0),
        "PDCSAP_FLUX": np.linspace(90.0, 110.0, n),
        "PDCSAP_FLUX_ERR": np.full(n, 1.0),
        "QUALITY": np.zeros(n),
    }
    cards = [fits.Column(name, "D", array=values) for name, values in (usual | columns).items()]
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(cards, name="LIGHTCURVE")]).writeto(path)
    return path


def test_unflagged_epochs_of_all_sources_around_an_object_are_its_light_curve() -> None:
    told = releases(epoch(3.0, filtercode="zr"), epoch(1.0, oid=12), epoch(2.0, catflags=32768), epoch(4.0, catflags=1))
    assert told["release_mjd"] == [None, [1.0, 3.0]]
    assert told["release_band"] == [None, ["g", "r"]]


def test_the_nearest_release_source_is_found_across_0_h() -> None:
    told = releases(epoch(1.0), epoch(2.0, oid=12, dec=0.001), epoch(2.0, query="another"))
    assert told["nearest_source"] == [None, pytest.approx(0.36)]


def test_upper_limits_come_with_their_band() -> None:
    rows = [{"oid": "ZTF1", "mjd": mjd, "fid": fid, "diffmaglim": 20.0} for mjd, fid in ((2.0, 2), (1.0, 1), (3.0, 3))]
    told = upper_limits(pa.Table.from_pylist(rows, schema=NON_DETECTIONS), OIDS)
    assert told["limit_mjd"].to_pylist() == [[1.0, 2.0, 3.0], None]
    assert told["limit_band"].to_pylist() == [["g", "r", "i"], None]


def test_the_galactic_latitude_is_that_of_astropy() -> None:
    ra, dec = np.random.default_rng(0).uniform((0.0, -90.0), (360.0, 90.0), (500, 2)).T
    expected = SkyCoord(ra, dec, unit="deg").galactic.b.deg
    assert np.abs(galactic_latitude(ra, dec) - expected).max() < 1e-4


def test_a_tess_file_is_read_where_its_quality_is_good_and_relative_to_its_median(tmp_path: Path) -> None:
    quality = np.zeros(20)
    quality[3] = 128
    time, flux, err = read(flux_file(tmp_path / "one.fits", QUALITY=quality))
    assert 3.0 not in time
    assert len(time) == 19
    assert np.median(flux) == 1.0
    assert err[0] == pytest.approx(0.01, rel=0.01)


def test_a_tess_file_without_corrected_flux_gives_the_uncorrected(tmp_path: Path) -> None:
    _, flux, err = read(flux_file(tmp_path / "one.fits", PDCSAP_FLUX=np.full(20, np.nan)))
    assert (flux[0], err[0]) == (1.0, 0.1)


@pytest.mark.parametrize("level", [np.nan, -1.0, 0.0])
def test_a_tess_file_without_a_flux_gives_no_points(tmp_path: Path, level: float) -> None:
    nothing = {name: np.full(20, level) for name in ("SAP_FLUX", "PDCSAP_FLUX")}
    assert [len(part) for part in read(flux_file(tmp_path / "one.fits", **nothing))] == [0, 0, 0]


def test_sectors_are_joined_and_the_same_photons_are_not_read_twice(tmp_path: Path) -> None:
    files = [("slow", 1, 120.0), ("fast", 1, 20.0), ("later", 2, 120.0)]
    for name, sector, _ in files:
        flux_file(tmp_path / name, TIME=np.arange(20.0) + 27.0 * sector)
    rows = [{"tic": 7, "sector": sector, "exptime": exptime, "filename": name} for name, sector, exptime in files]
    (tmp_path / "fast").unlink()
    told = tess_curves(pa.Table.from_pylist(rows, schema=TESS), PLACES, OIDS, tmp_path)
    nothing, times = told["tess_time"].to_pylist()
    assert nothing is None
    assert len(times) == 40


def test_a_tess_file_that_is_gone_or_broken_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"gone\.fits cannot be read .* restore the raw night"):
        read(tmp_path / "gone.fits")
    (tmp_path / "broken.fits").write_bytes(b"SIMPLE  = no")
    with pytest.raises(BadInput, match=r"broken\.fits cannot be read"):
        read(tmp_path / "broken.fits")
