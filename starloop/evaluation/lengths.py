"""How good the answers are some days after the first detection: light curves are cut, features extracted again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from starloop.evaluation.answers import Answers
from starloop.evaluation.figures import Headline, headline
from starloop.features.assembly import curves
from starloop.features.extract import extract
from starloop.features.night import KEYS

DAYS = (16, 32, 64, 128, 256, 512, 1024)
"""As in ALeRCE's reports of its light-curve classifier."""
_TIMED = ("detections", "non_detections", "releases")
_THREADS = 2

Tables = Mapping[str, pa.Table]


@dataclass(frozen=True)
class Row:
    """One length: days, or ``all``."""

    name: str
    headline: Headline


@dataclass(frozen=True)
class ByLength:
    """The table, the shortest length first, of the same objects throughout."""

    rows: list[Row]

    @property
    def objects(self) -> int:
        """How many objects."""
        return self.rows[0].headline.objects


def by_length(snapshots: Mapping[str, pa.Table], ask: Callable[[pa.Table], Answers]) -> ByLength:
    """Ask about the same objects at every length.

    Parameters
    ----------
    snapshots : mapping
        As `snapshots` gives them, not empty.
    ask : callable
        From features to answers, by a model that was not trained on the objects.
    """
    found = {name: headline(ask(features)) for name, features in snapshots.items()}
    return ByLength([Row(name, one) for name, one in found.items()])


def snapshots(tables: Tables, tess_folder: Path, told: Callable[[], None] = lambda: None) -> dict[str, pa.Table]:
    """Extract the features of every object at every length of `DAYS`, and of all there is.

    Parameters
    ----------
    tables : mapping
        As `starloop.features.assembly.curves` takes them.
    tess_folder : Path
        Where the TESS files are.
    told : callable
        Called after each length.

    Returns
    -------
    dict
        ``16`` ... ``1024`` and ``all`` to features of the same objects in the same order: those with a detection.
    """
    whole = extract(curves(tables, tess_folder), n_jobs=_THREADS).sort_by("oid").combine_chunks()
    told()
    lengths = {}
    for days in DAYS:
        lengths[str(days)] = cut_features(tables, tess_folder, whole, days_after_first(tables, days))
        told()
    return {**lengths, "all": whole}


def cut_features(tables: Tables, tess_folder: Path, whole: pa.Table, ends: pa.Table) -> pa.Table:
    """Extract the features of light curves that end early, in the order of `whole`.

    Parameters
    ----------
    tables, tess_folder
        As `snapshots`.
    whole : pa.Table
        The features of all there is, sorted by oid; an object that nothing is cut from keeps them.
    ends : pa.Table
        As `cut`.
    """
    known = _known(tables, ends)
    changed = _changed(tables, known)
    mine = {name: _of(rows, name, changed) for name, rows in _kept(tables, known).items()}
    again = extract(curves(mine, tess_folder), n_jobs=_THREADS)
    same = whole.filter(pc.invert(pc.is_in(whole["oid"], value_set=changed)))
    return pa.concat_tables([same, again]).sort_by("oid").combine_chunks()


def first_detections(tables: Tables) -> pa.Table:
    """Give each object's first alert detection: columns `oid` and `mjd` (days), sorted by oid."""
    first = tables["detections"].group_by("oid", use_threads=False).aggregate([("mjd", "min")])
    return first.rename_columns(["oid", "mjd"]).sort_by("oid")


def days_after_first(tables: Tables, days: float) -> pa.Table:
    """Give the time so many days after each object's first detection, as `cut` takes it."""
    first = first_detections(tables)
    return pa.table({"oid": first["oid"], "end": pc.add(first["mjd"], float(days))})


def cut(tables: Tables, ends: pa.Table) -> dict[str, pa.Table]:
    """Leave what was known of each object by a time of its own.

    A TESS file is known when its last cadence was taken.

    Parameters
    ----------
    tables : mapping
        As `snapshots`.
    ends : pa.Table
        Columns `oid` and `end` (MJD, days); nothing stays of an object that is not in it.
    """
    return _kept(tables, _known(tables, ends))


def _known(tables: Tables, ends: pa.Table) -> dict[str, pa.Array]:
    """Tell for every row of the tables with a time whether it was known by then."""
    objects = tables["objects"]
    # A star with two identifiers is known as long as the one that ends first.
    stars = pa.table({"oid": objects["tic"], "end": _end(objects["oid"], ends)}).group_by("oid", use_threads=False)
    stars = stars.aggregate([("end", "min")]).rename_columns(["oid", "end"])
    known = {name: _until(tables[name][KEYS[name]], tables[name]["mjd"], ends) for name in _TIMED}
    return {**known, "tess": _until(tables["tess"]["tic"], tables["tess"]["t_max"], stars)}


def _until(keys: pa.ChunkedArray, times: pa.ChunkedArray, ends: pa.Table) -> pa.Array:
    return pc.fill_null(pc.less_equal(times, _end(keys, ends)), False)


def _end(keys: pa.ChunkedArray, ends: pa.Table) -> pa.ChunkedArray:
    return ends["end"].take(pc.index_in(keys, value_set=ends["oid"].combine_chunks()))


def _kept(tables: Tables, known: Mapping[str, pa.Array]) -> dict[str, pa.Table]:
    return {name: rows.filter(known[name]) if name in known else rows for name, rows in tables.items()}


def _changed(tables: Tables, known: Mapping[str, pa.Array]) -> pa.Array:
    """Give the objects that some row is cut from."""
    cut_from = {name: tables[name].filter(pc.invert(rows)) for name, rows in known.items()}
    objects = tables["objects"]
    stars = objects.filter(pc.is_in(objects["tic"], value_set=cut_from["tess"]["tic"].combine_chunks().drop_null()))
    names = [cut_from[name][KEYS[name]] for name in _TIMED] + [stars["oid"]]
    return pa.concat_arrays([column.combine_chunks() for column in names]).unique()


def _of(rows: pa.Table, name: str, oids: pa.Array) -> pa.Table:
    return rows.filter(pc.is_in(rows[KEYS[name]], value_set=oids)) if name in _TIMED else rows
