"""The simulated TESS file opens in the real client and shows the star it belongs to."""

from pathlib import Path

import numpy as np
import pytest

from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import Sky


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Sky:
    return make_sky(tmp_path_factory.mktemp("sky") / "small", objects=80, seed=5)


@pytest.fixture(scope="module")
def listed(sky: Sky) -> dict[str, object]:
    (row,) = sky.read("tess").to_pylist()
    return row


def _file(sky: Sky, listed: dict[str, object]) -> Path:
    return sky.folder / "tess" / str(listed["filename"])


def test_lightkurve_recognises_and_reads_the_light_curve(sky, listed):
    import lightkurve

    curve = lightkurve.read(_file(sky, listed))
    assert isinstance(curve, lightkurve.TessLightCurve)
    assert curve.meta["TICID"] == listed["tic"]
    assert curve.meta["SECTOR"] == listed["sector"]
    assert curve.meta["SIMDATA"] is True
    assert curve.time.format == "btjd"
    assert np.median(np.diff(curve.time.value)) * 86400 == pytest.approx(120, abs=0.1)
    assert len(curve.remove_nans()) > 15_000


def test_the_star_repeats_with_its_catalogued_period(sky, listed):
    import lightkurve

    owner = {row["tic"]: row["oid"] for row in sky.read("objects").to_pylist()}[listed["tic"]]
    periods = {row["oid"]: row["period"] for row in sky.read("catalogues").to_pylist()}
    curve = lightkurve.read(_file(sky, listed)).remove_nans()
    phase = curve.time.value / periods[owner] % 1
    flux = curve.flux.value[np.argsort(phase)]
    assert np.median(np.abs(np.diff(flux))) < 0.1 * np.std(flux)


def test_the_list_tells_the_files_size_and_span(sky, listed):
    from astropy.io import fits

    assert _file(sky, listed).stat().st_size == listed["size"]
    with fits.open(_file(sky, listed)) as opened:
        time = opened["LIGHTCURVE"].data["TIME"]
    assert np.nanmin(time) + 56999.5 == pytest.approx(listed["t_min"], abs=0.01)
    assert np.nanmax(time) + 56999.5 == pytest.approx(listed["t_max"], abs=0.01)
