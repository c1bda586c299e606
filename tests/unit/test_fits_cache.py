"""The cache of FITS files gives whole files, and loses none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from starloop.archives.fits_cache import FitsCache
from starloop.archives.line import Unavailable

pytestmark = pytest.mark.filterwarnings("error")

NAME = "a_lc.fits"


def written(path: Path, extension: str) -> bytes:
    table = fits.BinTableHDU.from_columns([fits.Column("TIME", "D", array=np.arange(100.0))], name=extension)
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with a light curve."""
    return written(tmp_path_factory.mktemp("made") / "whole.fits", "LIGHTCURVE")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file of the same size with another table."""
    return written(tmp_path_factory.mktemp("made") / "other.fits", "TARGETTABLE")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def giving(content: bytes) -> Callable[[Path], None]:
    def download(into: Path) -> None:
        into.write_bytes(content)

    return download


def test_a_whole_file_is_downloaded_once(folder: Path, whole: bytes) -> None:
    cache = FitsCache(folder, "LIGHTCURVE")
    assert cache.keep(NAME, len(whole), giving(whole)).read_bytes() == whole
    assert cache.keep(NAME, len(whole), lambda into: pytest.fail("it is there")).read_bytes() == whole
    assert [path.name for path in folder.iterdir()] == [NAME]


BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "longer": lambda content: content + b"x",
    "zeros": lambda content: bytes(len(content)),
    "a header that is cut": lambda content: content[:40] + bytes(len(content) - 40),
    "a first header of a table": lambda content: content.replace(
        b"NAXIS   =                    0", b"NAXIS1  =                    0"
    ),
    "a table without its type": lambda content: content.replace(b"XTENSION= 'BINTABLE'", b"XTENSION= 'BINTASTE'"),
    "a page of HTML": lambda content: b"<html>".ljust(len(content)),
    "a second header that is garbled": lambda content: content[:2880] + b"\xff" * (len(content) - 2880),
}


@pytest.mark.parametrize("kind", BREAKS)
def test_a_broken_file_moves_to_quarantine_and_a_whole_one_takes_its_place(
    folder: Path, whole: bytes, kind: str
) -> None:
    folder.mkdir()
    broken = BREAKS[kind](whole)
    (folder / NAME).write_bytes(broken)
    assert FitsCache(folder, "LIGHTCURVE").keep(NAME, len(whole), giving(whole)).read_bytes() == whole
    (aside,) = (folder / "quarantine").iterdir()
    assert aside.name.startswith(f"{NAME}.")
    assert aside.read_bytes() == broken


def test_a_file_without_its_table_is_broken(folder: Path, whole: bytes, other: bytes) -> None:
    assert len(other) == len(whole)
    with pytest.raises(Unavailable, match=r"a_lc\.fits came broken: KeyError.*LIGHTCURVE"):
        FitsCache(folder, "LIGHTCURVE").keep(NAME, len(other), giving(other))


def test_files_that_differ_are_both_kept_in_quarantine(folder: Path, whole: bytes) -> None:
    folder.mkdir()
    cache = FitsCache(folder, "LIGHTCURVE")
    for broken in (b"", b"half", b"half"):
        (folder / NAME).write_bytes(broken)
        cache.keep(NAME, len(whole), giving(whole))
    assert sorted(path.read_bytes() for path in (folder / "quarantine").iterdir()) == [b"", b"half"]


@pytest.mark.parametrize("kind", BREAKS)
def test_a_file_that_comes_broken_is_not_kept(folder: Path, whole: bytes, kind: str) -> None:
    with pytest.raises(Unavailable, match=r"a_lc\.fits came broken: "):
        FitsCache(folder, "LIGHTCURVE").keep(NAME, len(whole), giving(BREAKS[kind](whole)))
    assert list(folder.iterdir()) == []


def test_no_garbled_header_is_more_than_a_broken_file(folder: Path, whole: bytes) -> None:
    rng = np.random.default_rng(1)
    cache, ends = FitsCache(folder, "LIGHTCURVE"), set()
    for _ in range(400):
        garbled = bytearray(whole)
        at, length = rng.integers(2 * 2880 - 40), rng.integers(1, 40)
        garbled[at : at + length] = rng.bytes(length)
        try:
            ends.add(cache.keep(NAME, len(whole), giving(garbled)).unlink())
        except Unavailable as why:
            ends.add(str(why).partition(": ")[2].partition(":")[0])
    assert {None, "OSError", "KeyError", "VerifyError"} <= ends


def test_a_download_that_fails_leaves_nothing(folder: Path, whole: bytes) -> None:
    def fails(into: Path) -> None:
        into.write_bytes(whole[:100])
        raise Unavailable("no whole answer")

    with pytest.raises(Unavailable, match="no whole answer"):
        FitsCache(folder, "LIGHTCURVE").keep(NAME, len(whole), fails)
    assert list(folder.iterdir()) == []


def test_what_a_killed_run_left_behind_is_written_over(folder: Path, whole: bytes) -> None:
    folder.mkdir()
    (folder / f".{NAME}.part").write_bytes(whole[:100])
    FitsCache(folder, "LIGHTCURVE").keep(NAME, len(whole), giving(whole))
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_a_night_that_shares_a_file_keeps_its_own_when_the_cache_is_healed(
    folder: Path, tmp_path: Path, whole: bytes
) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(b"another")
    (tmp_path / NAME).hardlink_to(folder / NAME)
    FitsCache(folder, "LIGHTCURVE").keep(NAME, len(whole), giving(whole))
    assert (tmp_path / NAME).read_bytes() == b"another"
