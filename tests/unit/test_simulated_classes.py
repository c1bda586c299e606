"""Each simulated class varies as its kind does on the sky."""

import numpy as np
import pytest

from starloop.sky.simulator import cepheid, constant, eclipsing, long_period, quasar, rr_lyrae, supernova
from starloop.sky.simulator.population import GREEN, RED


@pytest.mark.parametrize("make", [rr_lyrae.make, cepheid.make, eclipsing.make])
def test_periodic_stars_repeat_exactly(make):
    stars = make(np.random.default_rng(1), 200)
    which, mjd = np.arange(200), np.random.default_rng(2).uniform(58849, 59031, 200)
    for fid in (GREEN, RED):
        now = stars.mag(which, mjd, np.full(200, fid))
        assert np.allclose(now, stars.mag(which, mjd + 7 * stars.period, np.full(200, fid)), atol=1e-6)


def _swing(objects, number: int, fid: int, span: float = 400.0) -> np.ndarray:
    mjd = 58849 + span * np.random.default_rng(number).uniform(size=4000)
    return objects.mag(np.full(4000, number), mjd, np.full(4000, fid))


def test_periods_and_amplitudes_lie_where_astronomers_find_them():
    rng = np.random.default_rng(7)
    lyrae, cepheids, giants = rr_lyrae.make(rng, 60), cepheid.make(rng, 60), long_period.make(rng, 60)
    assert lyrae.period.min() > 0.4
    assert lyrae.period.max() < 0.9
    assert cepheids.period.min() > 2
    assert cepheids.period.max() <= 40
    for number in range(60):
        assert 0.3 < np.ptp(_swing(lyrae, number, GREEN)) < 1.6
        assert np.ptp(_swing(cepheids, number, GREEN)) > np.ptp(_swing(cepheids, number, RED))
        assert giants.types[number] == "SR" or np.ptp(_swing(giants, number, GREEN, 600)) > 2.5


def test_detached_binaries_are_mostly_out_of_eclipse_and_contact_ones_never_rest():
    binaries = eclipsing.make(np.random.default_rng(7), 80)
    for number, kind in enumerate(binaries.types):
        mags = _swing(binaries, number, RED)
        near_top = np.mean(mags - mags.min() < 0.15 * np.ptp(mags))
        assert near_top > 0.5 if kind == "EA" else near_top < 0.5


def test_a_type_ia_supernova_fades_by_a_magnitude_in_a_fortnight_and_a_plateau_does_not():
    rng = np.random.default_rng(7)
    for supernovae, least, most in ((supernova.make_ia(rng, 50), 0.5, 1.3), (supernova.make_ii(rng, 50), -0.1, 0.8)):
        day = np.arange(58700.0, 59200.0, 0.5)
        for number in range(50):
            fid = GREEN if supernovae.types[number] == "SN Ia" else RED
            mags = supernovae.mag(np.full(len(day), number), day, np.full(len(day), fid))
            peak = int(np.argmin(mags))
            fortnight = round(15 * (1 + supernovae.redshift[number]) / 0.5)
            assert least < mags[peak + fortnight] - mags[peak] < most
            assert mags[0] == 99


def test_quasars_wander_with_the_size_and_memory_of_a_damped_random_walk():
    quasars = quasar.make(np.random.default_rng(7), 400)
    mjd = np.array([58200.0, 58210.0, 58400.0, 58900.0])
    mags = np.array([quasars.mag(np.arange(400), np.full(400, day), np.full(400, RED)) for day in mjd])
    spread = np.std(mags[1:] - mags[0], axis=1)
    assert spread[0] < spread[1] < spread[2] < 0.5
    blue = quasars.mag(np.arange(400), np.full(400, mjd[3]), np.full(400, GREEN))
    earlier = quasars.mag(np.arange(400), np.full(400, mjd[0]), np.full(400, GREEN))
    assert np.std(blue - earlier) > spread[2]


def test_constants_do_not_vary():
    assert np.ptp(_swing(constant.make(np.random.default_rng(7), 20), 3, RED)) == 0
