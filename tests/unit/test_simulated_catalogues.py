"""What catalogues say of simulated objects: mostly the truth, near the right place, at the stated rates."""

import numpy as np
import pandas as pd
import pytest

from starloop.sky.populations.objects import Objects, unknown
from starloop.sky.simulator.catalogue import PERIODIC, catalogues
from starloop.sky.simulator.names import oids

N = 20_000


def _entries(catalogue, kind, period=None):
    rng = np.random.default_rng(1)
    objects = Objects(
        catalogue,
        [kind] * N,
        rng.uniform(0, 360, N),
        rng.uniform(-28, 80, N),
        unknown(N) if period is None else np.full(N, period),
        unknown(N),
        catalogue != "BTS",
        lambda which, mjd, fid: np.full(len(which), 16.0),
    )
    number, first = np.arange(N), np.full(N, 58900.0)
    rows = catalogues(rng, objects, number, oids(number, objects.in_reference, first), first).to_pandas()
    return objects, rows


@pytest.fixture(scope="module")
def stars():
    return _entries("B/vsx/vsx", "RRAB", 0.5123456789)


def test_five_in_a_hundred_are_missing_and_two_of_a_wrong_type(stars):
    rows = stars[1].query("catalogue == 'B/vsx/vsx'")
    assert len(rows) / N == pytest.approx(0.95, abs=0.01)
    assert (rows["type"] != "RRAB").mean() == pytest.approx(0.02, abs=0.005)


def test_a_second_catalogue_lists_a_third_and_disagrees_now_and_then(stars):
    rows = stars[1]
    second = rows[rows["catalogue"] == PERIODIC]
    assert len(second) / N == pytest.approx(1 / 3, abs=0.02)
    both = rows[rows["catalogue"] == "B/vsx/vsx"].merge(second, on="oid")
    conflict = (both["type_x"] == "RRAB") != (both["type_y"] == "RRab")
    assert 0.03 < conflict.mean() < 0.07


def test_periods_are_right_to_five_digits_but_for_a_few_harmonics(stars):
    ratio = stars[1]["period"] / 0.5123456789
    harmonic = (ratio - 1).abs() > 0.1
    assert harmonic.mean() == pytest.approx(0.02, abs=0.005)
    assert np.allclose(ratio[~harmonic], 1, atol=1e-4)
    assert set(ratio[harmonic].round(2)) == {0.5, 2.0}


def test_entries_stand_within_an_arcsecond_or_so_of_their_objects(stars):
    objects, rows = stars
    true = pd.Series(objects.dec, index=oids(np.arange(N), True, np.full(N, 58900.0)))
    north = 3600 * (rows["dec"] - rows["oid"].map(true))
    main = rows["catalogue"] == "B/vsx/vsx"
    assert 0.2 < north[main].std() < 0.3
    assert 0.02 < north[~main].std() < 0.03
    assert north.abs().max() < 2


def test_supernovae_are_named_after_their_year_and_have_no_second_entry():
    rows = _entries("BTS", "SN Ia")[1]
    assert set(rows["catalogue"]) == {"BTS"}
    assert rows["name"].str.fullmatch("SN2020[a-z]{4}").all()
    assert rows["name"].is_unique
    assert rows["oid"].str.startswith("ZTF20").all()


def test_what_no_catalogue_lists_has_no_entry():
    assert _entries(None, "")[1].empty
