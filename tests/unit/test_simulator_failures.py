"""A sky that cannot be made: one sentence, and nothing left."""

import errno
import subprocess
import sys
from dataclasses import replace

import pytest

from starloop.errors import BadInput, StarloopError
from starloop.nights.calendar import Night
from starloop.sky.simulator import kinds, write
from starloop.sky.simulator.write import make_sky

LAST, FIRST = Night.parse("2020-06-30"), Night.parse("2020-01-01")
SMALL = 120


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path):
    (tmp_path / "sky").mkdir()
    (tmp_path / "sky" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        make_sky(tmp_path / "sky", objects=SMALL, seed=1)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["notes.txt"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="cannot be made"):
        make_sky(tmp_path / "file" / "sky", objects=SMALL, seed=1)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"objects": 3}, "at least 50"),
        ({"objects": -800}, "at least 50"),
        ({"seed": -1}, "nothing below 0"),
        ({"tess": -1}, "nothing below 0"),
        ({"workers": 0}, "at least one"),
        ({"first": LAST, "last": FIRST}, "earlier night first"),
        ({"kinds": ["RRAB", "PULSAR"]}, "'PULSAR' is not known: choose from RRAB, RRC"),
        ({"kinds": []}, "at least one class"),
    ],
)
def test_a_sky_that_cannot_be_is_refused_and_says_why(tmp_path, asked, told):
    with pytest.raises(BadInput, match=told):
        make_sky(tmp_path / "sky", **{"objects": SMALL, "seed": 1} | asked)
    assert not list(tmp_path.iterdir())


def test_a_class_that_never_alerts_ends_with_a_sentence_and_leaves_nothing(tmp_path, monkeypatch):
    quiet = replace(kinds.KINDS["CONST"], make=lambda *asked: replace(constant(*asked), bogus_rate=0.0))
    constant = kinds.KINDS["CONST"].make
    monkeypatch.setitem(kinds.KINDS, "CONST", quiet)
    with pytest.raises(StarloopError, match="CONST drawn only 0 gave"):
        make_sky(tmp_path / "sky", objects=50, seed=1, first=LAST, kinds=["CONST"], workers=1)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_ends_with_a_sentence_and_leaves_nothing(tmp_path):
    # A limit on the size of files fails writes half-way as a full disk does.
    program = (
        "import resource, sys; from pathlib import Path; from starloop.sky.simulator.write import make_sky\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))\n"
        "make_sky(Path(sys.argv[1]), objects=100, seed=1, kinds=['RRAB'], tess=0, workers=1)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "sky")], capture_output=True, text=True, check=False
    )
    assert "StarloopError: the disk that holds" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_any_other_error_of_the_disk_is_told_as_it_is(tmp_path, monkeypatch):
    def broken(*args):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(write, "_write", broken)
    with pytest.raises(OSError, match="input/output error"):
        make_sky(tmp_path / "sky", objects=50, seed=1)
    assert not list(tmp_path.iterdir())
