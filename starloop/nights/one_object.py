"""Fetching one object by its name, as a night fetches many."""

import re
from functools import partial
from pathlib import Path

import pyarrow as pa

from starloop.archives.alerce import Alerce
from starloop.archives.bts import Bts
from starloop.archives.catalogues import LISTINGS
from starloop.archives.config import Archives
from starloop.archives.irsa import Irsa
from starloop.archives.line import Missing
from starloop.archives.mast import Mast
from starloop.archives.tess import Tess
from starloop.archives.xmatch import XMatch
from starloop.errors import BadInput, UnknownObject
from starloop.nights.calendar import Night
from starloop.nights.fetch import bright
from starloop.sky.tables import CATALOGUES, DETECTIONS, NON_DETECTIONS, OBJECTS, TESS

_TIC = "(?:[Tt][Ii][Cc])?[ _-]*([0-9]{1,12})"
_OID = "[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}"
_BLANK = " \t\r\n"
NAME = f"^[{_BLANK}]*(?:{_TIC}|{_OID})[{_BLANK}]*$"
"""What `named` takes, as a regular expression."""

Tables = dict[str, pa.Table]


def named(text: str) -> str:
    """Give an object's name as it is kept: an oid as it is, a star of the TIC as ``TIC 123``.

    Raises
    ------
    BadInput
        When it is neither.
    """
    name = text.strip(_BLANK)
    star = re.fullmatch(_TIC, name)
    if star:
        return f"TIC {int(star[1])}"
    if not re.fullmatch(_OID, name):
        raise BadInput(f"{name[:64]!r} is no object's name: give a ZTF oid (ZTF20aaelulu) or a TIC number (TIC 1234)")
    return name


def tic(name: str) -> int | None:
    """Give the number of a star of the TIC; None for any other object."""
    return int(name.removeprefix("TIC ")) if name.startswith("TIC ") else None


def fetch(archives: Archives, name: str, night: Night, tess_files: Path) -> Tables:
    """Ask ALeRCE, IRSA and MAST about an object, and give its rows up to the night's end as in a sky directory.

    TESS is looked for where a night would: for objects that are bright enough. A star of the TIC has no alerts here;
    its data-release photometry is looked for at the position TESS gives.

    Parameters
    ----------
    archives : Archives
        Where to ask.
    name : str
        As `named` gives it.
    night : Night
        Nothing later than its end is fetched.
    tess_files : Path
        Folder in which TESS files are kept.

    Raises
    ------
    UnknownObject
        When nothing is known of it, or not where it is.
    Refused
        When an archive does not take the question.
    ArchiveDown
        When an archive does not answer.
    """
    number = tic(name)
    if number is None:
        return _alerted(archives, name, night, tess_files)
    return _star(archives, number, night, tess_files)


def catalogues(archives: Archives, objects: pa.Table) -> pa.Table:
    """Give what the catalogues have at the objects' positions: rows of the catalogues table.

    Raises
    ------
    Refused
        When one does not take the question.
    ArchiveDown
        When one does not answer.
    """
    bts, xmatch = Bts(archives), XMatch(archives)
    found = [bts.line.ask(lambda: bts.matched(objects))]
    for listing in LISTINGS:
        found.append(xmatch.lines[0].ask(partial(xmatch.matched, listing, objects)))
    return pa.concat_tables([rows.cast(CATALOGUES) for rows in found])


def _alerted(archives: Archives, oid: str, night: Night, tess_files: Path) -> Tables:
    alerce = Alerce(archives)
    try:
        found = alerce.line.ask(lambda: alerce.light_curve(oid, night))
    except Missing:
        raise UnknownObject(f"{oid} cannot be classified: ALeRCE knows no object of that name") from None
    positions = found.detections.select(["ra", "dec"]).drop_null().slice(0, 1).to_pylist()
    if not positions:
        raise UnknownObject(f"{oid} cannot be classified: no detection of it has a position")
    ra, dec = positions[0]["ra"], positions[0]["dec"]
    number, files = None, TESS.empty_table()
    if bright(found.detections):
        mast = Mast(archives)
        stars = mast.line.ask(lambda: mast.nearest_star(ra, dec))["tic"].to_pylist()
        if stars:
            number = stars[0]
            files = _files(mast, number, night, tess_files)
    return {
        "detections": found.detections,
        "non_detections": found.non_detections,
        "releases": _releases(archives, oid, ra, dec, night),
        "objects": _object(oid, ra, dec, number),
        "tess": files,
    }


def _star(archives: Archives, number: int, night: Night, tess_files: Path) -> Tables:
    name = f"TIC {number}"
    files = _files(Mast(archives), number, night, tess_files)
    if not files.num_rows:
        raise UnknownObject(f"{name} cannot be classified: MAST has no SPOC light curve of it before {night} ended")
    ra, dec = files["ra"][0].as_py(), files["dec"][0].as_py()
    return {
        "detections": DETECTIONS.empty_table(),
        "non_detections": NON_DETECTIONS.empty_table(),
        "releases": _releases(archives, name, ra, dec, night),
        "objects": _object(name, ra, dec, number),
        "tess": files,
    }


def _files(mast: Mast, number: int, night: Night, tess_files: Path) -> pa.Table:
    tess = Tess(mast, tess_files)
    return tess.line.ask(lambda: tess.light_curves(number, night))


def _releases(archives: Archives, name: str, ra: float, dec: float, night: Night) -> pa.Table:
    with Irsa(archives) as irsa:
        return irsa.line.ask(lambda: irsa.epochs(name, ra, dec, night))


def _object(name: str, ra: float, dec: float, number: int | None) -> pa.Table:
    return pa.table({"oid": [name], "ra": [ra], "dec": [dec], "tic": [number]}, schema=OBJECTS)
