"""What is asked of the archives in a night, and how the rows of an answer are told apart."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.compute as pc

from starloop.nights.calendar import Night
from starloop.sky.tables import DETECTIONS, RELEASES, Sky


@dataclass(frozen=True)
class Kind:
    """One kind of question.

    Parameters
    ----------
    client : str
        Which client it is put to, in the words of the page.
    call : str
        The method of `Clients` that asks it.
    row : tuple of str
        The columns that tell one row from another.
    values : tuple of str
        The columns whose values must be right.
    """

    client: str
    call: str
    row: tuple[str, ...]
    values: tuple[str, ...]


def _columns(names: list[str], *without: str) -> tuple[str, ...]:
    return tuple(name for name in names if name not in without)


OBJECTS = Kind(
    "alerce, list of objects", "objects", ("oid",), ("oid", "meanra", "meandec", "firstmjd", "lastmjd", "ndet")
)
DETECTED = Kind("alerce, detections", "detections", ("candid",), _columns(DETECTIONS.names, "oid"))
LIMITS = Kind("alerce, non-detections", "non_detections", ("mjd", "fid"), ("mjd", "fid", "diffmaglim"))
EPOCHS = Kind("requests + pandas, IRSA", "epochs", ("expid", "filtercode"), _columns(RELEASES.names, "query"))
TRANSIENTS = Kind("requests + pandas, BTS", "transients", ("ZTFID",), ("ZTFID", "RA", "Dec", "type", "redshift"))
STARS = Kind("astroquery, TIC", "stars", ("ID",), ("ID", "ra", "dec", "dstArcSec"))
CURVES = Kind("lightkurve, TESS", "curves", ("sector", "cadenceno"), ("time", "flux", "flux_err", "quality"))
ENTRIES = Kind("astroquery, XMatch", "entries", ("object", "name"), ("object", "name", "Type", "angDist"))

LISTINGS = {"B/vsx/vsx": "Name", "J/ApJS/249/18/table2": "ID", "VII/290": "Name"}
"""The VizieR tables, and what each calls the name of an entry."""

KINDS = (OBJECTS, DETECTED, LIMITS, EPOCHS, TRANSIENTS, STARS, CURVES, ENTRIES)


@dataclass(frozen=True)
class Question:
    """One call: its kind, and what it is about."""

    kind: Kind
    about: tuple[str | float, ...]

    @property
    def name(self) -> str:
        """Its name within the night."""
        return " ".join([self.kind.call, *map(str, self.about[:1])])


@dataclass(frozen=True)
class Target:
    """An active object; `tic` is None unless it is a star of the TIC."""

    oid: str
    ra: float
    dec: float
    tic: int | None


def targets(sky: Sky, night: Night) -> list[Target]:
    """Give the objects with a detection in the night, sorted by oid."""
    mjd = pc.field("mjd")
    seen = sky.read("detections").filter((mjd >= night.begin) & (mjd < night.end))["oid"].unique()
    active = sky.read("objects").filter(pc.field("oid").isin(seen)).sort_by("oid")
    return [Target(**row) for row in active.to_pylist()]


def questions(active: list[Target], night: Night) -> Iterator[list[Question]]:
    """Give a night's questions, in lists that a person would work off side by side."""
    yield [Question(OBJECTS, (night.begin, night.end))]
    yield [Question(kind, (target.oid,)) for target in active for kind in (DETECTED, LIMITS)]
    yield [Question(EPOCHS, (target.oid, target.ra, target.dec)) for target in active]
    yield [Question(TRANSIENTS, ())]
    stars = [target for target in active if target.tic is not None]
    yield [Question(STARS, (target.oid, target.ra, target.dec)) for target in stars]
    yield [Question(CURVES, (target.tic,)) for target in stars if target.tic is not None]
    yield [Question(ENTRIES, listing) for listing in LISTINGS.items()]
