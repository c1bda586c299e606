"""A night's rows beside the same objects' own past, archive by archive."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from starloop.checks.rules import NO_MAGNITUDE
from starloop.drift.quality.statistics import MAD_TO_STD
from starloop.drift.seen import Measure, What
from starloop.nights.calendar import Night

if TYPE_CHECKING:
    import pandas as pd

KEY = ["object", "band"]
_BANDS = {1: "g", 2: "r", 3: "i", "zg": "g", "zr": "r", "zi": "i"}


@dataclass(frozen=True)
class Source:
    """A table of an archive, and where it keeps what.

    Parameters
    ----------
    name : str
        How it is called in a reason.
    archive : str
        Whose it is.
    table, oid, band : str
        The good table, and its columns that name object and filter.
    mag, limit : str or None
        The star's magnitude, and the exposure's limiting magnitude.
    err, zero_point : str or None
        Error of the magnitude, and the exposure's zero point.
    scores : tuple of str
        Columns of flags and scores, which vary from row to row while all is well.
    """

    name: str
    archive: str
    table: str
    oid: str
    band: str
    mag: str | None = None
    limit: str | None = None
    err: str | None = None
    zero_point: str | None = None
    scores: tuple[str, ...] = ()


ALERTS = Source(
    name="ALeRCE detections",
    archive="ALeRCE",
    table="detections",
    oid="oid",
    band="fid",
    mag="magpsf_corr",
    limit="diffmaglim",
    scores=("rb", "drb", "isdiffpos"),
)
LIMITS = Source(
    name="ALeRCE limits", archive="ALeRCE", table="non_detections", oid="oid", band="fid", limit="diffmaglim"
)
EPOCHS = Source(
    name="IRSA releases",
    archive="IRSA",
    table="releases",
    oid="query",
    band="filtercode",
    mag="mag",
    limit="limitmag",
    err="magerr",
    zero_point="magzp",
    scores=("catflags",),
)
SOURCES = (ALERTS, LIMITS, EPOCHS)


@dataclass(frozen=True)
class Rows:
    """The rows of one source about the objects it has rows of in past and night alike.

    Parameters
    ----------
    source : Source
        Where they are from.
    past : DataFrame
        Rows up to the last night of the reference: the source's columns, and ``object``, ``band`` (a letter) and
        ``whole_night`` (MJD).
    night : DataFrame
        Rows of the night, the same columns.
    """

    source: Source
    past: "pd.DataFrame"
    night: "pd.DataFrame"

    @property
    def objects(self) -> int:
        """How many objects."""
        return int(self.night["object"].nunique())

    @property
    def bands(self) -> list[str]:
        """The bands of the night, sorted."""
        return sorted(self.night["band"].unique())


def rows(source: Source, table: pa.Table, night: Night, until: Night) -> Rows:
    """Part a source's rows into the night's and those up to another night, the reference's."""
    mjd = table["mjd"]
    tonight = pc.and_(pc.greater_equal(mjd, night.begin), pc.less(mjd, night.end))
    earlier = pc.less(mjd, min(until.end, night.begin))
    past, now = (_frame(source, table.filter(chosen)) for chosen in (earlier, tonight))
    known = np.intersect1d(past["object"].unique(), now["object"].unique())
    return Rows(source, past[past["object"].isin(known)], now[now["object"].isin(known)])


def beside(rows: Rows, column: str, fewest: int) -> "pd.DataFrame":
    """Set each object's median of the night, band by band, beside that of its own past.

    Returns
    -------
    DataFrame
        By object and band: ``before``, ``spread`` (of the past rows, as a standard deviation) and ``change`` (now
        minus before), of those with a value in the night and at least `fewest` before it.
    """
    now = rows.night.dropna(subset=[column]).groupby(KEY)[column].median()
    past = rows.past.dropna(subset=[column]).set_index(KEY)[column].sort_index()
    past = past[past.index.isin(now.index)]
    of = past.groupby(level=KEY)
    before = of.median()
    away = (past - before.reindex(past.index)).abs()
    spread = MAD_TO_STD * away.groupby(level=KEY).median()
    enough = before.index[of.size() >= fewest]
    before = before[enough]
    return before.to_frame("before").assign(spread=spread[enough], change=now[enough] - before)


def about(source: Source, of: str, name: str, what: What, found: tuple[float, float] | None, objects: int) -> Measure:
    """Name what was found of a source's band or column: value and standard error, None where there are too few."""
    value, noise = found or (None, 0.0)
    band = of if of in _BANDS.values() else None
    return Measure(name, f"{source.name} {of}", what, value, noise, objects, source.archive, band)


def _frame(source: Source, table: pa.Table) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame(table.to_pandas())
    frame = frame.assign(
        object=frame[source.oid], band=frame[source.band].map(_BANDS), whole_night=frame["mjd"].floordiv(1)
    )
    if source.mag is None:
        return frame
    return frame.assign(**{source.mag: frame[source.mag].where(frame[source.mag] < NO_MAGNITUDE)})
