"""Matches: one name a source, whatever night, archive or release it is seen in, with the distances."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.nights.matches import MATCHES, NEWEST, match
from starloop.sky.tables import TABLES

STARS = pa.schema([("oid", pa.string()), ("tic", pa.int64()), ("ra", pa.float64()), ("dec", pa.float64())])
ARCSEC = 1 / 3600


def _match(collection=None, stars=(), **rows):
    tables = {name: pa.Table.from_pylist(list(rows.get(name, ())), schema=TABLES[name]) for name in TABLES}
    found = match(tables, pa.Table.from_pylist(list(stars), schema=STARS), collection)
    assert found.schema == MATCHES
    return found.to_pylist()


def _detection(oid, mjd, ra, dec, candid="1"):
    return {"oid": oid, "candid": candid, "mjd": mjd, "ra": ra, "dec": dec}


def _object(oid, ra, dec):
    return {"oid": oid, "ra": ra, "dec": dec}


def _named(ra, dec):
    """Name a source that was first detected there."""
    (row,) = _match(objects=[_object("a", ra, dec)], detections=[_detection("a", 1.0, ra, dec)])
    return row["source"]


@pytest.mark.parametrize(
    ("ra", "dec", "name"),
    [
        (234.88400, 50.46078, "J153932.16+502738.8"),
        (0.0, 0.0, "J000000.00+000000.0"),
        (0.0, -0.0, "J000000.00+000000.0"),
        (359.99999999, 10.0, "J235959.99+100000.0"),
        (360.0, 10.0, "J000000.00+100000.0"),
        (np.nextafter(360.0, 0.0), 10.0, "J235959.99+100000.0"),
        (15.0, -0.0001, "J010000.00-000000.3"),
        (10.0, 90.0, "J004000.00+900000.0"),
        (10.0, -89.99999999, "J004000.00-895959.9"),
        (14.99999999, 5.99999999, "J005959.99+055959.9"),
    ],
)
def test_a_source_is_named_by_its_position_cut_to_hundredths_and_tenths(ra, dec, name):
    assert _named(ra, dec) == name


@settings(max_examples=50, deadline=None)
@given(st.floats(0, 360), st.floats(-90, 90))
def test_a_name_is_always_a_position_near_its_source(ra, dec):
    from astropy.coordinates import SkyCoord

    name = _named(ra, dec)
    assert len(name) == len("J000000.00+000000.0")
    hours, degrees = name[1:10], name[10:]
    told = SkyCoord(
        f"{hours[:2]}h{hours[2:4]}m{hours[4:]}s", f"{degrees[:3]}d{degrees[3:5]}m{degrees[5:]}s", frame="icrs"
    )
    assert told.separation(SkyCoord(ra, dec, unit="deg")).arcsec < 0.2
    assert int(hours[:2]) < 24


def test_the_first_detection_names_the_source_and_later_ones_do_not_change_it():
    first = [_detection("a", 58900.0, 10.0, 20.0), _detection("b", 58899.0, 50.0, -20.0)]
    later = [_detection("a", 58910.0, 10.0 + ARCSEC, 20.0), _detection("a", 58905.0, 10.0, 20.0 + ARCSEC)]
    objects = [_object("a", 10.0, 20.0), _object("b", 50.0, -20.0)]
    one = {row["identifier"]: row["source"] for row in _match(objects=objects, detections=first)}
    other = {row["identifier"]: row["source"] for row in _match(objects=objects, detections=later + first)}
    assert one == other == {"a": "J004000.00+200000.0", "b": "J032000.00-200000.0"}


def test_the_distance_is_from_where_the_source_was_first_detected():
    detections = [_detection("a", 58910.0, 10.0, 30.0), _detection("a", 58900.0, 10.0, 20.0)]
    (row,) = _match(objects=[_object("a", 10.0, 20.0 + 2 * ARCSEC)], detections=detections)
    assert row["arcsec"] == pytest.approx(2.0)


def test_detections_at_the_same_time_are_told_apart_by_their_number():
    detections = [_detection("a", 1.0, 10.0, 1.0, candid="2"), _detection("a", 1.0, 20.0, 1.0, candid="1")]
    names = {
        _match(objects=[_object("a", 10.0, 1.0)], detections=order)[0]["source"]
        for order in (detections, detections[::-1])
    }
    assert names == {"J012000.00+010000.0"}


@pytest.mark.parametrize(
    ("ra", "dec"), [(10.0, 20.0), (0.0, 0.0), (359.9999, 0.0), (180.0, -60.0), (77.0, 89.9999), (77.0, -89.9999)]
)
def test_distances_are_those_of_astropy_also_at_0_h_and_at_the_poles(ra, dec):
    from astropy import units
    from astropy.coordinates import SkyCoord

    here = SkyCoord(ra, dec, unit="deg")
    there = [here.directional_offset_by(angle * units.deg, 1.7 * units.arcsec) for angle in range(0, 360, 30)]
    stars = [
        {"oid": "a", "tic": number, "ra": float(place.ra.deg), "dec": float(place.dec.deg)}
        for number, place in enumerate(there)
    ]
    found = _match(detections=[_detection("a", 1.0, ra, dec)], stars=stars)
    assert len(found) == len(there)
    assert [row["arcsec"] for row in found] == pytest.approx([1.7] * len(there), abs=1e-5)


def test_every_archive_s_identifier_of_a_source_is_listed_with_its_position():
    found = _match(
        collection="ztf_dr24",
        objects=[_object("ZTF20a", 10.0, 20.0)],
        detections=[_detection("ZTF20a", 1.0, 10.0, 20.0)],
        releases=[
            {"query": "ZTF20a", "oid": 77, "ra": 10.0, "dec": 20.0 + 1 * ARCSEC},
            {"query": "ZTF20a", "oid": 77, "ra": 10.0, "dec": 20.0 + 2 * ARCSEC},
            {"query": "ZTF20a", "oid": 78, "ra": 10.0, "dec": 20.0 - 1 * ARCSEC},
        ],
        stars=[{"oid": "ZTF20a", "tic": 261136679, "ra": 10.0, "dec": 20.0}],
        catalogues=[
            {"catalogue": "BTS", "name": "SN2020abc", "ra": 10.0, "dec": 20.0, "oid": "ZTF20a"},
            {"catalogue": "B/vsx/vsx", "name": "V1 Ori", "ra": 10.0, "dec": 20.0 + 0.5 * ARCSEC, "oid": "ZTF20a"},
        ],
    )
    assert {row["source"] for row in found} == {"J004000.00+200000.0"}
    assert [(row["archive"], row["identifier"], pytest.approx(row["arcsec"], abs=1e-6)) for row in found] == [
        ("B/vsx/vsx", "V1 Ori", 0.5),
        ("BTS", "SN2020abc", 0.0),
        ("TIC", "261136679", 0.0),
        ("ZTF", "ZTF20a", 0.0),
        ("ztf_dr24", "77", 1.5),
        ("ztf_dr24", "78", 1.0),
    ]


def test_a_release_without_a_name_is_the_newest():
    found = _match(
        detections=[_detection("a", 1.0, 10.0, 20.0)],
        releases=[{"query": "a", "oid": 77, "ra": 10.0, "dec": 20.0}],
    )
    assert [row["archive"] for row in found] == [NEWEST]


@pytest.mark.parametrize("ra", [0.0, 359.99999, 180.0])
def test_epochs_on_both_sides_of_0_h_have_their_mean_between_them(ra):
    found = _match(
        detections=[_detection("a", 1.0, ra, 20.0)],
        releases=[
            {"query": "a", "oid": 77, "ra": (ra + step * ARCSEC) % 360, "dec": 20.0} for step in (-0.6, 0.6, -0.3, 0.3)
        ],
    )
    assert found[0]["arcsec"] == pytest.approx(0.0, abs=1e-6)
    assert (found[0]["ra"] - ra + 180) % 360 - 180 == pytest.approx(0.0, abs=1e-9)


def test_what_has_no_position_has_no_distance_and_what_was_never_detected_no_source():
    found = _match(
        objects=[_object("a", 10.0, 20.0), _object("never", 30.0, 40.0)],
        detections=[
            _detection("a", None, 99.0, 20.0),
            _detection("a", 1.0, None, 20.0),
            _detection("a", 2.0, 98.0, None),
            _detection("a", 3.0, 10.0, 20.0),
            _detection("never", 1.0, None, None),
        ],
        releases=[{"query": "a", "oid": 77, "ra": None, "dec": None}],
        catalogues=[{"catalogue": "BTS", "name": None, "ra": None, "dec": None, "oid": "a"}],
    )
    told = {(row["source"], row["archive"], row["identifier"]): row["arcsec"] for row in found}
    assert told == {
        ("J004000.00+200000.0", "ZTF", "a"): pytest.approx(0.0, abs=1e-6),
        ("J004000.00+200000.0", NEWEST, "77"): None,
        ("J004000.00+200000.0", "BTS", None): None,
        (None, "ZTF", "never"): None,
    }


def test_a_night_without_objects_has_no_matches():
    assert _match() == []


def test_matches_do_not_depend_on_the_order_of_rows():
    chance = np.random.default_rng(5)
    objects = [_object(f"o{n:03}", float(chance.uniform(0, 360)), float(chance.uniform(-80, 80))) for n in range(50)]
    detections = [
        _detection(one["oid"], 58900.0 + night, one["ra"], one["dec"], candid=str(night))
        for one in objects
        for night in range(5)
    ]
    releases = [
        {"query": one["oid"], "oid": 1000 + number, "ra": one["ra"] + offset, "dec": one["dec"]}
        for number, one in enumerate(objects)
        for offset in chance.normal(0, 1e-5, 4)
    ]
    once = _match(objects=objects, detections=detections, releases=releases)
    again = _match(objects=objects[::-1], detections=detections[::-1], releases=releases)
    assert once == again
    assert [row["source"] for row in once] == sorted(row["source"] for row in once)
    assert len(once) == 2 * len(objects)
