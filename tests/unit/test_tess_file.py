"""Simulated TESS light curves open in the real client, and look as SPOC's do."""

import hashlib

import numpy as np
import pytest
from astropy.io import fits
from astropy.timeseries import LombScargle

from starloop.sky.populations.objects import Objects, unknown
from starloop.sky.tess.aperture import tess_mag
from starloop.sky.tess.light_curve import write
from starloop.sky.tess.sectors import BTJD_ZERO_MJD, SECTORS

SOUTH_POLE = (90.0, -66.56)
PERIOD, AMPLITUDE = 0.6543, 0.2
SECTOR = SECTORS[22]
RA, DEC = 215.0, 42.0


def stars(ra=RA, dec=DEC, mag=12.35, amplitude=0.0):
    """Make one star; i = 12.35 is TESS magnitude 12."""

    def brightness(which, mjd, fid):
        return mag + amplitude * np.sin(2 * np.pi * mjd / PERIOD)

    return Objects(None, [""], np.array([ra]), np.array([dec]), unknown(1), unknown(1), True, brightness)


def observed(folder, seed=1, sector=SECTOR, ffi=False, **star):
    row = write(np.random.default_rng(seed), stars(**star), 0, 123456, sector, folder, ffi=ffi).to_pylist()[0]
    with fits.open(folder / row["filename"]) as opened:
        return row, dict(opened[1].header), np.array(opened["LIGHTCURVE"].data), dict(opened[0].header)


def scatter(flux):
    """Give the standard deviation from one cadence to the next, free of slow trends."""
    return 1.4826 * np.nanmedian(np.abs(np.diff(flux))) / np.sqrt(2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tess")


@pytest.fixture(scope="module")
def quiet(folder):
    return observed(folder)


def test_lightkurve_opens_both_kinds(folder, quiet):
    import lightkurve

    row, *_ = observed(folder, ffi=True)
    for listed, cadence in ((quiet[0], 120), (row, 1800)):
        curve = lightkurve.read(str(folder / listed["filename"]))
        assert isinstance(curve, lightkurve.TessLightCurve)
        assert curve.meta["TICID"] == 123456
        assert curve.meta["SECTOR"] == 23
        assert curve.meta["AUTHOR"] == listed["author"]
        assert curve.meta["SIMDATA"] is True
        assert curve.time.format == "btjd"
        assert np.median(np.diff(curve.time.value)) * 86400 == pytest.approx(cadence, abs=0.2)
        assert np.isfinite(curve.flux.value).mean() > 0.85


def test_names_and_row_are_as_mast_lists_them(folder, quiet):
    row, _, table, _ = quiet
    assert row["filename"] == "tess2020078014623-s0023-0000000000123456-0177-s_lc.fits"
    assert row["obs_id"] == "tess2020078014623-s0023-0000000000123456-0177-s"
    assert (row["author"], row["exptime"]) == ("SPOC", 120.0)
    assert (folder / row["filename"]).stat().st_size == row["size"]
    assert np.nanmin(table["TIME"]) + BTJD_ZERO_MJD == pytest.approx(row["t_min"], abs=1e-6)
    assert np.nanmax(table["TIME"]) + BTJD_ZERO_MJD == pytest.approx(row["t_max"], abs=1e-6)
    assert row["t_max"] <= SECTOR.end + BTJD_ZERO_MJD


def test_image_cadence_is_half_an_hour_and_ten_minutes_from_sector_27(tmp_path):
    early, *_ = observed(tmp_path, ffi=True)
    late, *_ = observed(tmp_path, ffi=True, sector=SECTORS[26], ra=SOUTH_POLE[0], dec=SOUTH_POLE[1])
    assert (early["author"], early["exptime"], late["exptime"]) == ("TESS-SPOC", 1800.0, 600.0)
    assert early["filename"] == "hlsp_tess-spoc_tess_phot_0000000000123456-s0023_tess_v1_lc.fits"


def test_a_tenth_magnitude_star_gives_fifteen_thousand_electrons(tmp_path):
    _, _, table, primary = observed(tmp_path, mag=10.35)
    assert primary["TESSMAG"] == pytest.approx(10, abs=0.01)
    assert np.nanmedian(table["PDCSAP_FLUX"]) == pytest.approx(15_000, rel=0.03)


@pytest.mark.parametrize(("mag", "least", "most"), [(10, 0.0008, 0.0014), (12, 0.0022, 0.004), (14.33, 0.011, 0.04)])
def test_noise_of_a_two_minute_cadence(tmp_path, mag, least, most):
    # A recorded star of magnitude 14.33 in sector 1 scatters by 2.5 per cent; photons alone give 0.08 at magnitude 10.
    _, _, table, _ = observed(tmp_path, mag=mag + 0.35)
    relative = scatter(table["PDCSAP_FLUX"]) / np.nanmedian(table["PDCSAP_FLUX"])
    assert least < relative < most
    calm = table[table["QUALITY"] == 0]
    assert scatter(calm["PDCSAP_FLUX"]) == pytest.approx(1.1 * np.nanmedian(calm["PDCSAP_FLUX_ERR"]), rel=0.05)


def test_the_gap_between_the_orbits_has_no_times(quiet):
    _, _, table, _ = quiet
    blank = np.flatnonzero(np.isnan(table["TIME"]))
    assert len(blank) == pytest.approx(720, abs=2)
    assert np.all(np.diff(blank) == 1)
    assert blank.mean() == pytest.approx(len(table) / 2, abs=400)
    assert np.all(table["QUALITY"][blank] == 8 | 128)
    assert np.all(np.isnan(table["SAP_FLUX"][blank]))


def test_momentum_dumps_come_every_three_days(quiet):
    _, _, table, _ = quiet
    time = table["TIME"][table["QUALITY"] & 32 > 0]
    begins = time[np.append(True, np.diff(time) > 0.1)]
    assert 6 <= len(begins) <= 8
    assert np.median(np.diff(begins)) == pytest.approx(3.1, abs=0.1)
    assert np.all(np.isnan(table["PDCSAP_FLUX"][table["QUALITY"] & 32 > 0]))


def test_scattered_light_raises_the_background_and_its_flag(quiet):
    _, _, table, _ = quiet
    bright = table["QUALITY"] & 4096 > 0
    assert bright.any()
    assert np.nanmin(table["SAP_BKG"][bright]) > 2 * np.nanmedian(table["SAP_BKG"])
    assert np.all(np.isnan(table["PDCSAP_FLUX"][bright]))
    assert scatter(table["SAP_FLUX"][bright]) > 1.2 * scatter(table["SAP_FLUX"][~bright])


def test_impulsive_outliers_are_flagged_and_stand_out(tmp_path):
    _, _, table, _ = observed(tmp_path, seed=4)
    hit = table["QUALITY"] == 512
    assert 1 <= hit.sum() < 15
    above = table["SAP_FLUX"][hit] - np.nanmedian(table["SAP_FLUX"])
    assert np.all(above > 3 * np.nanmedian(table["SAP_FLUX_ERR"]))


def test_crowding_is_in_sap_and_taken_out_of_pdcsap(tmp_path):
    _, header, table, _ = observed(tmp_path, mag=15.35)
    true = 10 ** (-0.4 * (15 - 20.44))
    assert 0.1 < header["CROWDSAP"] < 0.97
    expected = true * header["FLFRCSAP"] / header["CROWDSAP"]
    assert np.nanmedian(table["SAP_FLUX"]) == pytest.approx(expected, rel=0.1)
    assert np.nanmedian(table["PDCSAP_FLUX"]) == pytest.approx(true, rel=0.15)


def test_neighbours_crowd_a_star_in_the_plane_more(tmp_path):
    crowding = {"plane": [], "away": []}
    for seed in range(4):
        for name, star in (("plane", {"ra": 331.0, "dec": 55.0, "sector": SECTORS[16]}), ("away", {})):
            into = tmp_path / f"{name}{seed}"
            into.mkdir()
            crowding[name].append(observed(into, seed, **star)[1]["CROWDSAP"])
    assert np.mean(crowding["plane"]) < np.mean(crowding["away"])


def test_drifts_are_in_sap_and_mostly_gone_from_pdcsap(tmp_path):
    _, _, table, _ = observed(tmp_path, mag=10.35)
    good = table["QUALITY"] == 0

    def slow(flux):
        days = np.floor(table["TIME"][good])
        means = [np.nanmedian(flux[good][days == day]) for day in np.unique(days)]
        return np.std(means) / np.mean(means)

    assert slow(table["SAP_FLUX"]) > 5 * slow(table["PDCSAP_FLUX"])


@pytest.mark.parametrize("ffi", [False, True])
def test_the_period_of_a_variable_is_found(tmp_path, ffi):
    _, _, table, _ = observed(tmp_path, amplitude=AMPLITUDE, ffi=ffi)
    good = (table["QUALITY"] == 0) & np.isfinite(table["PDCSAP_FLUX"])
    time, flux = table["TIME"][good].astype(float), table["PDCSAP_FLUX"][good].astype(float)
    frequency = np.arange(0.2, 5, 0.001)
    found = 1 / frequency[np.argmax(LombScargle(time, flux).power(frequency))]
    assert found == pytest.approx(PERIOD, rel=0.003)
    swing = np.percentile(flux, 98) / np.percentile(flux, 2)
    assert 2.5 * np.log10(swing) == pytest.approx(2 * AMPLITUDE, rel=0.08)


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    digests = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        row, *_ = observed(tmp_path / name, seed=9)
        digests.append(hashlib.sha256((tmp_path / name / row["filename"]).read_bytes()).hexdigest())
    assert digests[0] == digests[1]


def test_a_sector_that_does_not_see_the_star_is_refused(tmp_path):
    with pytest.raises(ValueError, match="sector 1 does not see"):
        observed(tmp_path, sector=SECTORS[0])


def test_magnitudes_and_electrons_are_one_scale():
    assert tess_mag(15_000) == pytest.approx(10, abs=0.01)
