"""Pictures of a tiny sky made by hand: what is chosen, what is drawn, what is refused."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from starloop.errors import BadInput
from starloop.sky.pictures.change import change
from starloop.sky.pictures.gallery import UNLISTED, gallery
from starloop.sky.pictures.points import alerts, detection_counts, limits, releases
from starloop.sky.tables import TABLES, open_sky

PERIOD = 0.5
FIRST = 58849.0
# The number of detections of each object; ZTFeb3 is the least observed eclipsing star, ZTFodd is in no catalogue.
OBJECTS = {"ZTFeb1": 40, "ZTFeb2": 30, "ZTFeb3": 8, "ZTFsn1": 25, "ZTFodd": 6}


def detections(oid, n):
    for place in range(n):
        mjd = FIRST + 1.37 * place
        deep = 0.5 if mjd / PERIOD % 1 > 0.9 else 0.0
        star = oid.startswith("ZTFeb")
        yield {
            "oid": oid,
            "mjd": mjd,
            "fid": 1 + place % 2,
            "magpsf": 19.0 + 0.01 * place,
            "sigmapsf": 0.1,
            "magpsf_corr": 16.0 + deep if star else None,
            "sigmapsf_corr": 0.02 if star else None,
            "isdiffpos": -1.0 if star or place == 3 else 1.0,
            "corrected": star,
        }


def table(name, rows):
    return pa.Table.from_pylist(
        [{column: row.get(column) for column in TABLES[name].names} for row in rows], TABLES[name]
    )


def make(folder, broken=(), **facts):
    seen = [row for oid, n in OBJECTS.items() for row in detections(oid, n)]
    entries = [("B/vsx/vsx", "EA", PERIOD, oid) for oid in ("ZTFeb1", "ZTFeb2", "ZTFeb3")]
    # A second catalogue contradicts the first.
    entries += [("BTS", "SN Ia", None, "ZTFsn1"), ("J/ApJS/249/18/table2", "EW", PERIOD, "ZTFeb2")]
    rows = {
        "objects": [{"oid": oid, "ra": 10.0, "dec": 20.0} for oid in OBJECTS],
        "detections": [*seen, *broken],
        "non_detections": [{"oid": "ZTFsn1", "mjd": FIRST - 4, "fid": 1, "diffmaglim": 20.4}],
        "releases": [
            {
                "query": "ZTFeb1",
                "mjd": FIRST + 0.3 * i,
                "mag": 16.0,
                "magerr": 0.02,
                "catflags": flag,
                "filtercode": "zr",
            }
            for i, flag in enumerate([0] * 60 + [32768])
        ],
        "tess": [],
        "catalogues": [dict(zip(("catalogue", "type", "period", "oid"), entry, strict=True)) for entry in entries],
    }
    for name, listed in rows.items():
        pq.write_table(table(name, listed), folder / f"{name}.parquet")
    told = {"name": "tiny", "origin": "simulated", "first_mjd": FIRST, "last_mjd": FIRST + 60} | facts
    (folder / "sky.json").write_text(json.dumps(told))
    return open_sky(folder)


@pytest.fixture
def sky(tmp_path):
    (tmp_path / "sky").mkdir()
    return make(
        tmp_path / "sky",
        scenarios=[
            {"kind": "zero-point", "night": "2020-01-20", "answer": "archive"},
            {"kind": "cadence", "night": "2020-02-10", "answer": "archive"},
        ],
    )


@pytest.fixture
def drawn(monkeypatch):
    """Collect the figures that are saved."""
    figures = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *a, **k: (figures.append(self), save(self, *a, **k))[1])
    return figures


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.axison]


def test_the_gallery_has_a_row_a_class_and_the_best_observed_first(sky, tmp_path, drawn):
    gallery(sky, tmp_path / "page.png", examples=1)
    gallery(sky, tmp_path / "page.png", examples=2)
    one, two = drawn
    assert titles(one) == ["EA   ZTFeb1", "SN Ia   ZTFsn1", f"{UNLISTED}   ZTFodd"]
    assert titles(two) == ["EA   ZTFeb1", "EA   ZTFeb2"]


def test_periodic_stars_are_folded_and_the_others_drawn_in_time(sky, tmp_path, drawn):
    gallery(sky, tmp_path / "page.png", examples=1)
    star, supernova, odd = (axes for axes in drawn[0].axes if axes.axison)
    assert star.get_xlim() == (0, 2)
    assert star.get_xlabel() == "phase (P = 0.5 d)"
    assert supernova.get_xlabel() == odd.get_xlabel() == "MJD (d)"
    assert supernova.get_xlim()[0] < FIRST < supernova.get_xlim()[1]
    assert all(axes.get_ylim()[0] > axes.get_ylim()[1] for axes in (star, supernova, odd))
    assert star.get_ylabel() == "magnitude (AB)"


def test_a_folded_star_shows_its_release_photometry_twice(sky, tmp_path, drawn):
    gallery(sky, tmp_path / "page.png", examples=1)
    points = [line.get_xdata() for line in drawn[0].axes[0].lines if len(line.get_xdata()) == 60]
    assert len(points) == 2
    assert np.allclose(points[1] - points[0], 1)


def test_the_pictures_are_readable_and_the_same_each_time(sky, tmp_path):
    for name, draw in (("gallery", lambda out: gallery(sky, out)), ("change", lambda out: change(sky, None, out))):
        one, two = draw(tmp_path / f"{name}1.png"), draw(tmp_path / "new" / f"{name}2.png")
        assert one.read_bytes() == two.read_bytes()
        picture = imread(one)
        assert picture.shape[0] > 500
        assert picture.shape[1] > 800
        assert picture[..., :3].std() > 0.02


def test_the_change_marks_each_night_with_its_scenario(sky, tmp_path, drawn):
    change(sky, "ZTFeb1", tmp_path / "change.png")
    upper, lower = drawn[0].axes
    for axes in (upper, lower):
        marks = {text.get_text().strip(): text.get_position()[0] for text in axes.texts}
        assert marks == {"zero-point": 58868.0, "cadence": 58889.0}
    assert upper.get_title(loc="left") == "data-release photometry"
    assert lower.get_title(loc="left") == "alert photometry"
    assert "ZTFeb1 (EA)" in drawn[0].get_suptitle()


def test_without_an_oid_a_well_observed_variable_star_is_drawn(sky, tmp_path, drawn):
    change(sky, None, tmp_path / "change.png")
    assert drawn[0].get_suptitle().split()[0] in {"ZTFeb1", "ZTFeb2"}


def test_a_supernova_without_release_photometry_can_be_drawn(sky, tmp_path, drawn):
    change(sky, "ZTFsn1", tmp_path / "change.png")
    assert "none" in [text.get_text() for text in drawn[0].axes[0].texts]


def test_an_unknown_object_is_refused(sky, tmp_path):
    with pytest.raises(BadInput, match="no photometry of the object 'ZTF99zzz'"):
        change(sky, "ZTF99zzz", tmp_path / "change.png")
    assert not (tmp_path / "change.png").exists()


def test_no_examples_are_refused(sky, tmp_path):
    with pytest.raises(BadInput, match="at least 1"):
        gallery(sky, tmp_path / "page.png", examples=0)


def test_a_sky_without_detections_is_refused(sky, tmp_path):
    pq.write_table(TABLES["detections"].empty_table(), sky.folder / "detections.parquet")
    for draw in (lambda: gallery(sky, tmp_path / "page.png"), lambda: change(sky, None, tmp_path / "page.png")):
        with pytest.raises(BadInput, match="no detections"):
            draw()


def test_points_are_corrected_magnitudes_where_there_are_some(sky):
    points = alerts(sky, ["ZTFeb1", "ZTFsn1"])
    assert detection_counts(sky) == OBJECTS
    assert set(points["ZTFeb1"].mag) <= {16.0, 16.5}
    assert np.all(points["ZTFeb1"].err == 0.02)
    assert not points["ZTFeb1"].faded.any()
    assert points["ZTFsn1"].mag[0] == 19.0
    assert list(np.flatnonzero(points["ZTFsn1"].faded)) == [3]
    assert limits(sky, ["ZTFsn1", "ZTFeb1"]).keys() == {"ZTFsn1"}


def test_a_corrected_magnitude_is_used_when_nothing_says_that_it_was_corrected(tmp_path):
    told = next(iter(detections("ZTFeb1", 1))) | {"oid": "ZTFold", "corrected": None}
    sky = make(tmp_path, broken=[told])
    assert alerts(sky, ["ZTFold"])["ZTFold"].mag == [told["magpsf_corr"]]


def test_broken_points_are_left_out(tmp_path):
    whole = next(iter(detections("ZTFsn1", 1)))
    broken = [whole | change for change in ({"magpsf": 100.0}, {"sigmapsf": 0.0}, {"magpsf": None}, {"fid": None})]
    sky = make(tmp_path, broken=broken)
    assert len(alerts(sky, ["ZTFsn1"])["ZTFsn1"]) == OBJECTS["ZTFsn1"]
    assert len(releases(sky, ["ZTFeb1"])["ZTFeb1"]) == 60
