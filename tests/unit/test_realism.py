"""Holding one sky against another: the same is at distance zero, and a change is seen where it was made."""

import json
import shutil

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from starloop.realism.compare import compare, error_ratio
from starloop.realism.page import write
from starloop.realism.published import hold
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import open_sky


@pytest.fixture(scope="module")
def sky(tmp_path_factory):
    return make_sky(tmp_path_factory.mktemp("sky") / "own", objects=300, seed=5)


@pytest.fixture(scope="module")
def noisier(sky, tmp_path_factory):
    """The same sky, with difference errors twice as large and every transient's first detection gone."""
    folder = tmp_path_factory.mktemp("sky") / "noisier"
    shutil.copytree(sky.folder, folder)
    rows = sky.read("detections")
    column = rows.column_names.index("sigmapsf")
    rows = rows.set_column(column, "sigmapsf", pc.multiply(rows["sigmapsf"], pa.scalar(2.0)))
    pq.write_table(rows, folder / "detections.parquet")
    told = json.loads((folder / "sky.json").read_text()) | {"name": "noisier", "origin": "recorded"}
    (folder / "sky.json").write_text(json.dumps(told))
    return open_sky(folder)


def test_a_sky_is_like_itself(sky):
    assert all(one.distance == 0 for one in compare(sky, sky))
    ratio = error_ratio(sky, sky, "r")[1]
    assert {round(float(one), 12) for one in ratio if one == one} == {1.0}


def test_doubled_errors_show_in_the_errors_and_nowhere_else(sky, noisier):
    compared = {one.recorded.name: one.distance for one in compare(sky, noisier)}
    errors = {name for name in compared if name.startswith("error of those at 18.5")}
    assert len(errors) == 2
    assert all(compared[name] > 0.3 for name in errors)
    assert all(compared[name] == 0 for name in compared.keys() - errors)
    ratio = [one for one in error_ratio(sky, noisier, "g")[1] if one == one]
    assert ratio == pytest.approx([0.5] * len(ratio))


def test_periods_of_the_classes_are_in_the_right_place(sky):
    held = {one.name: one for one in hold(sky)}
    assert {"RRAB", "EW", "DCEP"} <= set(held)
    assert all(held[name].period_distance < 0.5 for name in ("RRAB", "EW"))


def test_the_page_tells_both_skies_and_what_a_classifier_of_one_says_of_the_other(sky, noisier, tmp_path):
    page = tmp_path / "docs" / "sky_realism.md"
    page.parent.mkdir()
    write(sky, noisier, page, "make sky-check")
    text = page.read_text()
    assert "`noisier`" in text
    assert "| at home |" in text
    assert "| recorded |" in text
    assert "nan" not in text
    pictures = {path.name for path in (page.parent / "pictures").iterdir()}
    assert pictures == {"sky_distributions.png", "sky_errors.png", "sky_classes.png"}
    assert all(f"pictures/{name}" in text for name in pictures)
    for table in text.split("\n\n"):
        widths = {line.count("|") for line in table.splitlines() if line.startswith("|")}
        assert len(widths) <= 1
