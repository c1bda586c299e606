"""A night's rows beside the same objects' own past, archive by archive."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
    err="sigmapsf_corr_ext",
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
        Rows up to the last night of the reference: the source's columns, and ``object`` (a number), ``band`` (a
        letter), ``whole_night`` (MJD) and ``alerted``: whether it had an alert that night, as it has in this one.
    between : DataFrame
        Rows after it and before the night, the same columns.
    night : DataFrame
        Rows of the night, the same columns.
    begin : float
        First MJD of the night.
    """

    source: Source
    past: "pd.DataFrame"
    between: "pd.DataFrame"
    night: "pd.DataFrame"
    begin: float

    @property
    def objects(self) -> int:
        """How many objects."""
        return int(self.night["object"].nunique())

    @property
    def bands(self) -> list[str]:
        """The bands of the night, sorted."""
        return sorted(self.night["band"].unique())


def rows(source: Source, tables: dict[str, pa.Table], night: Night, until: Night) -> Rows:
    """Part a source's rows into the night's and those up to another night, the reference's."""
    table, detections = tables[source.table], tables[ALERTS.table]
    names = pc.unique(detections["oid"])
    alerts = _object_night(detections["oid"], detections["mjd"], names)
    frame = _frame(source, table, names)
    frame["alerted"] = np.isin(_object_night(table[source.oid], table["mjd"], names), alerts)
    mjd = frame["mjd"]
    now = frame[(mjd >= night.begin) & (mjd < night.end)]
    past = frame[mjd < min(until.end, night.begin)]
    between = frame[(mjd >= until.end) & (mjd < night.begin)]
    known = np.intersect1d(past["object"].unique(), now["object"].unique())
    past, between, now = (part[part["object"].isin(known)] for part in (past, between, now))
    return Rows(source, past, between, now, night.begin)


def beside(rows: Rows, column: str, fewest: int) -> "pd.DataFrame":
    """Set each object's median of the night, band by band, beside that of its own past.

    Only past nights with an alert count: tonight the object is far from its usual light, or it would not be here.

    Returns
    -------
    DataFrame
        By object and band: ``before``, ``spread`` (of the past rows, as a standard deviation) and ``change`` (now
        minus before), of those with a value in the night and at least `fewest` before it.
    """
    now = rows.night.dropna(subset=[column]).groupby(KEY)[column].median()
    past = rows.past[rows.past["alerted"]].dropna(subset=[column]).set_index(KEY)[column].sort_index()
    past = past[past.index.isin(now.index)]
    of = past.groupby(level=KEY)
    before = of.median()
    away = (past - before.reindex(past.index)).abs()
    spread = MAD_TO_STD * away.groupby(level=KEY).median()
    enough = before.index[of.size() >= fewest]
    before = before[enough]
    return before.to_frame("before").assign(spread=spread[enough], change=now[enough] - before)


def about(source: Source, of: str, name: str, what: What, found: tuple[float, float] | None, objects: int) -> Measure:
    """Name what was found of a source, its band or column: value and standard error, None where there are too few."""
    value, noise = found or (None, 0.0)
    band = of if of in _BANDS.values() else None
    return Measure(name, f"{source.name} {of}".rstrip(), what, value, noise, objects, source.archive, band)


def _object_night(oids: pa.ChunkedArray, mjd: pa.ChunkedArray, names: pa.Array) -> NDArray[np.int64]:
    """Give one number an object and night; nights are below a hundred thousand."""
    place = pc.fill_null(pc.index_in(oids, value_set=names), -1).to_numpy().astype(np.int64)
    return np.asarray(place * 100_000 + np.floor(mjd.to_numpy()).astype(np.int64))


def _frame(source: Source, table: pa.Table, names: pa.Array) -> "pd.DataFrame":
    import pandas as pd

    frame = pd.DataFrame(table.drop_columns([source.oid]).to_pandas())
    frame = frame.assign(
        # Numbers, not names: objects are grouped again and again.
        object=pc.fill_null(pc.index_in(table[source.oid], value_set=names), -1).to_numpy(),
        band=frame[source.band].map(_BANDS),
        whole_night=frame["mjd"].floordiv(1),
    )
    if source.mag is None:
        return frame
    return frame.assign(**{source.mag: frame[source.mag].where(frame[source.mag] < NO_MAGNITUDE)})
