"""The data set: every object's newest features, its label, and its side of the split."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from starloop.errors import BadInput
from starloop.features.sphere import separation
from starloop.model.labels import labels, report
from starloop.model.params import DatasetParams
from starloop.model.splits import groups, is_test
from starloop.nights.calendar import Night
from starloop.nights.store import Home

REPORT = b"starloop"
KNOWN = (
    *("oid", "night", "ra", "dec", "group", "split"),
    *("label", "catalogue", "entry", "type", "distance", "since", "conflicts", "others"),
)
"""The columns before the features. Of the label: the catalogue's name, the entry's, its type and distance (arcsec), the
first night that knew it, and how many other leaves, and which, catalogues give the object."""


def feature_names(dataset: pa.Table) -> list[str]:
    """Give the data set's feature columns in order."""
    return [name for name in dataset.column_names if name not in KNOWN]


def labelled(dataset: pa.Table, split: str) -> pa.Table:
    """Give the labelled rows of one side, ``train`` or ``test``."""
    return dataset.filter((pc.field("split") == split) & pc.field("label").is_valid())


def conflicts(dataset: pa.Table) -> pa.Table:
    """Give the objects that catalogues disagree about: the label that was chosen, whose it is, and the others."""
    return dataset.filter(pc.field("others").is_valid()).select(
        ["oid", "label", "catalogue", "entry", "type", "others"]
    )


def as_csv(table: pa.Table) -> str:
    """Give a table as the text of a CSV file."""
    sink = pa.BufferOutputStream()
    csv.write_csv(table, sink)
    return str(sink.getvalue().to_pybytes(), "utf-8")


def members(home: Home, night: Night) -> list[str]:
    """Give the nights whose features a data set up to one is made of, in order."""
    return [path.stem for path in sorted(home.features.glob("????-??-??.parquet")) if path.stem <= str(night)]


def require(home: Home, night: Night, nights: Iterable[str]) -> None:
    """Raise `BadInput` for a night that the data set up to one is not made of."""
    absent = sorted(set(nights) - set(members(home, night)))
    if absent:
        raise BadInput(
            f"the data set up to {night} lacks the night {absent[0]} that asks for a retraining: "
            f"run `starloop nightly {absent[0]}` first"
        )


def build(home: Home, night: Night, params: DatasetParams) -> pa.Table:
    """Join features, positions and labels of all nights up to one.

    Parameters
    ----------
    home : Home
        Has features and good rows of the nights.
    night : Night
        The last night that counts.
    params : DatasetParams
        How it is divided.

    Returns
    -------
    pa.Table
        The columns of `KNOWN`, then the features; one row an object, its newest; sorted by oid. Its schema's metadata
        say what the labels are (`labels.report`) and how many objects had no good position and were left out.

    Raises
    ------
    BadInput
        When no night up to `night` has features.
    """
    nights = members(home, night)
    if not nights:
        raise BadInput(f"{home.features} has no features up to the night {night}: ingest and process a night first")
    good = [home.good(Night.parse(name)) for name in nights]
    features = _newest([home.features / f"{name}.parquet" for name in nights], nights)
    places = _newest([folder / "objects.parquet" for folder in good], nights).select(["oid", "ra", "dec"])
    listed = [folder / "catalogues.parquet" for folder in good]
    chosen = labels(_newest(listed, nights))
    chosen = chosen.append_column("since", _since(chosen, listed, nights))
    joined = features.join(places, "oid", join_type="inner").join(chosen, "oid").sort_by("oid")
    ra, dec, entry_ra, entry_dec = (joined[name].to_numpy() for name in ("ra", "dec", "catalogue_ra", "catalogue_dec"))
    group = groups(ra, dec)
    facts = {
        "night": joined["night"],
        "ra": joined["ra"],
        "dec": joined["dec"],
        "group": pa.array(group),
        "split": pa.array(np.where(is_test(group, params.test_share), "test", "train"), pa.string()),
        "label": joined["label"],
        "catalogue": joined["catalogue"],
        "entry": joined["entry"],
        "type": joined["type"],
        "distance": pa.array(separation(ra, dec, entry_ra, entry_dec), from_pandas=True),
        "since": joined["since"],
        "conflicts": pc.fill_null(joined["conflicts"], 0),
        "others": joined["others"],
    }
    names = [name for name in features.column_names if name not in ("oid", "night")]
    table = pa.table({"oid": joined["oid"], **facts, **{name: joined[name] for name in names}}).combine_chunks()
    told = {**report(chosen), "without_position": features.num_rows - joined.num_rows}
    return table.replace_schema_metadata({REPORT: json.dumps(told, sort_keys=True).encode()})


def _newest(paths: list[Path], nights: list[str]) -> pa.Table:
    """Read each object's rows of the last night that has any, with that `night`."""
    oids = [pq.read_table(path, columns=["oid"]) for path in paths]
    which = [pa.array(np.full(rows.num_rows, number)) for number, rows in enumerate(oids)]
    seen = pa.concat_tables([rows.append_column("which", number) for rows, number in zip(oids, which, strict=True)])
    last = seen.group_by("oid").aggregate([("which", "max")])
    return pa.concat_tables(_winners(paths, nights, last))


def _winners(paths: list[Path], nights: list[str], last: pa.Table) -> Iterator[pa.Table]:
    for number, path in enumerate(paths):
        mine = last.filter(pc.field("which_max") == number)["oid"].combine_chunks()
        rows = pq.read_table(path)
        rows = rows.filter(pc.is_in(rows["oid"], value_set=mine)).replace_schema_metadata(None)
        yield rows.append_column("night", pa.repeat(nights[number], rows.num_rows))


def _since(chosen: pa.Table, paths: list[Path], nights: list[str]) -> pa.Array:
    """Give the first night whose catalogues have the entry, with the same type, that labels each object."""
    names = ["oid", "catalogue", "name", "type"]
    known: dict[tuple[str, ...], str] = {}
    for path, night in zip(paths, nights, strict=True):
        columns = pq.read_table(path, columns=names)
        for entry in zip(*(columns[name].to_pylist() for name in names), strict=True):
            known.setdefault(entry, night)
    entries = zip(*(chosen[name].to_pylist() for name in ("oid", "catalogue", "entry", "type")), strict=True)
    return pa.array([known[entry] for entry in entries], pa.string())
