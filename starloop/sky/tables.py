"""The tables of a sky directory, and how one is opened.

A sky directory holds Parquet tables, TESS files in ``tess/``, and ``sky.json`` with its name,
origin (``recorded`` or ``simulated``) and first and last MJD. Missing values are nulls.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from starloop.errors import BadInput

_TEXT, _REAL, _INT, _FLAG = pa.string(), pa.float64(), pa.int64(), pa.bool_()

OBJECTS = pa.schema([("oid", _TEXT), ("ra", _REAL), ("dec", _REAL), ("tic", _INT)])
DETECTIONS = pa.schema(
    [
        ("oid", _TEXT),
        ("candid", _TEXT),
        ("mjd", _REAL),
        ("fid", pa.int8()),
        ("magpsf", _REAL),
        ("sigmapsf", _REAL),
        ("magpsf_corr", _REAL),
        ("sigmapsf_corr", _REAL),
        ("sigmapsf_corr_ext", _REAL),
        ("isdiffpos", _REAL),
        ("rb", _REAL),
        ("drb", _REAL),
        ("distnr", _REAL),
        ("diffmaglim", _REAL),
        ("ra", _REAL),
        ("dec", _REAL),
        ("corrected", _FLAG),
        ("dubious", _FLAG),
    ]
)
NON_DETECTIONS = pa.schema([("oid", _TEXT), ("mjd", _REAL), ("fid", pa.int8()), ("diffmaglim", _REAL)])
RELEASES = pa.schema(
    [
        ("oid", _INT),
        ("expid", _REAL),
        ("hjd", _REAL),
        ("mjd", _REAL),
        ("mag", _REAL),
        ("magerr", _REAL),
        ("catflags", _INT),
        ("filtercode", _TEXT),
        ("ra", _REAL),
        ("dec", _REAL),
        ("chi", _REAL),
        ("sharp", _REAL),
        ("filefracday", _REAL),
        ("field", _INT),
        ("ccdid", _REAL),
        ("qid", _REAL),
        ("limitmag", _REAL),
        ("magzp", _REAL),
        ("magzprms", _REAL),
        ("clrcoeff", _REAL),
        ("clrcounc", _REAL),
        ("exptime", _REAL),
        ("airmass", _REAL),
        ("programid", _REAL),
        ("query", _TEXT),
    ]
)
TESS = pa.schema(
    [
        ("obs_id", _TEXT),
        ("tic", _INT),
        ("sector", _INT),
        ("exptime", _REAL),
        ("author", _TEXT),
        ("filename", _TEXT),
        ("ra", _REAL),
        ("dec", _REAL),
        ("t_min", _REAL),
        ("t_max", _REAL),
        ("size", _INT),
    ]
)
CATALOGUES = pa.schema(
    [
        ("catalogue", _TEXT),
        ("name", _TEXT),
        ("ra", _REAL),
        ("dec", _REAL),
        ("type", _TEXT),
        ("period", _REAL),
        ("redshift", _REAL),
        ("oid", _TEXT),
    ]
)

TABLES: dict[str, pa.Schema] = {
    "objects": OBJECTS,
    "detections": DETECTIONS,
    "non_detections": NON_DETECTIONS,
    "releases": RELEASES,
    "tess": TESS,
    "catalogues": CATALOGUES,
}


@dataclass(frozen=True)
class Sky:
    """A sky directory that has been looked at: its facts are read, its tables' columns are there.

    Parameters
    ----------
    folder : Path
        Where it is.
    name, origin : str
        As in ``sky.json``; the origin is ``recorded`` or ``simulated``.
    first_mjd, last_mjd : float
        The span of its observations, days (MJD, UTC).
    """

    folder: Path
    name: str
    origin: str
    first_mjd: float
    last_mjd: float

    def read(self, table: str) -> pa.Table:
        """Read one table, its columns in the order and of the types of `TABLES`."""
        schema = TABLES[table]
        return pq.read_table(self.folder / f"{table}.parquet", columns=schema.names).cast(schema)


def open_sky(folder: Path) -> Sky:
    """Open a sky directory.

    Raises
    ------
    BadInput
        When the folder, ``sky.json``, a table or a column is missing or unreadable.
    """
    facts = folder / "sky.json"
    if not facts.is_file():
        raise BadInput(f"{folder} is not a sky directory: it has no sky.json; check STARLOOP_SKY")
    try:
        told = json.loads(facts.read_text())
        sky = Sky(folder, told["name"], told["origin"], told["first_mjd"], told["last_mjd"])
    except (ValueError, KeyError, TypeError) as wrong:
        raise BadInput(f"{facts} cannot be used ({wrong!r}): it needs name, origin, first_mjd and last_mjd") from None
    for table, schema in TABLES.items():
        path = folder / f"{table}.parquet"
        try:
            present = pq.read_schema(path).names
        except (OSError, pa.ArrowInvalid) as wrong:
            raise BadInput(f"{path} cannot be read as a sky table: {wrong}") from None
        missing = [name for name in schema.names if name not in present]
        if missing:
            raise BadInput(f"{path} lacks the column {', '.join(missing)}: see the sky tables in docs/sky.md")
    return sky
