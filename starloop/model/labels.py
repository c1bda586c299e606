"""One label an object, out of all that catalogues say of it.

Where catalogues disagree the one that comes first in the taxonomy wins (spectra, then people, then machines, then
candidates), and within a catalogue the entry whose name comes first.
"""

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from starloop.model import taxonomy

LABELS = pa.schema(
    [
        ("oid", pa.string()),
        ("label", pa.string()),
        ("catalogue", pa.string()),
        ("entry", pa.string()),
        ("type", pa.string()),
        ("catalogue_ra", pa.float64()),
        ("catalogue_dec", pa.float64()),
        ("conflicts", pa.int64()),
        ("others", pa.string()),
    ]
)
_CHOSEN = LABELS.names[1:-2]


def labels(catalogues: pa.Table) -> pa.Table:
    """Choose each object's label.

    Parameters
    ----------
    catalogues : pa.Table
        Rows of the sky's `catalogues` table; those without an `oid` are left out.

    Returns
    -------
    pa.Table
        One row an object, sorted by oid: `label` (a leaf, null where no type is mapped), the `catalogue`, `entry` and
        `type` it came from, that entry's position (deg), `conflicts`: how many other leaves catalogues give the object,
        and `others`: those leaves and who gives them, null where there are none.
    """
    rows = _leaves(catalogues.filter(pc.is_valid(catalogues["oid"])))
    order = pc.sort_indices(rows, [(name, "ascending") for name in ("oid", "rank", "entry", "type")])
    rows = rows.take(order)
    # `first` follows the rows' order only on one thread.
    first = rows.group_by("oid", use_threads=False).aggregate(
        [(name, "first", pc.ScalarAggregateOptions(skip_nulls=False)) for name in _CHOSEN]
        + [("label", "count_distinct", pc.CountOptions(mode="only_valid"))]
    )
    first = first.sort_by("oid")  # groups come in no order
    conflicts = pc.max_element_wise(pc.subtract(first["label_count_distinct"], 1), 0)
    others = _others(rows, first)
    columns = [first["oid"], *(first[f"{name}_first"] for name in _CHOSEN), conflicts, others]
    return pa.table([column.cast(field.type) for column, field in zip(columns, LABELS, strict=True)], schema=LABELS)


def report(chosen: pa.Table) -> dict[str, Any]:
    """Count what `labels` gave: objects, labels by leaf and catalogue, conflicts, and the types it has no leaf for."""
    unmapped = chosen.filter(pc.is_null(chosen["label"]))
    words = zip(unmapped["catalogue"].to_pylist(), unmapped["type"].to_pylist(), strict=True)
    return {
        "objects": chosen.num_rows,
        "labels": _counts(chosen["label"]),
        "catalogues": _counts(chosen.filter(pc.is_valid(chosen["label"]))["catalogue"]),
        "conflicts": pc.sum(pc.greater(chosen["conflicts"], 0)).as_py() or 0,
        "unmapped": dict(sorted(Counter(f"{catalogue}: {word}" for catalogue, word in words).items())),
    }


def _leaves(catalogues: pa.Table) -> pa.Table:
    """Give each entry its leaf, and the rank of its catalogue; entries without a leaf rank last."""
    words = catalogues.select(["catalogue", "type"]).group_by(["catalogue", "type"]).aggregate([])
    order = list(taxonomy.catalogues())
    pairs = list(zip(words["catalogue"].to_pylist(), words["type"].to_pylist(), strict=True))
    leaves = [taxonomy.leaf(catalogue, word) for catalogue, word in pairs]
    ranks = [
        len(order) if leaf is None else order.index(catalogue)
        for (catalogue, _), leaf in zip(pairs, leaves, strict=True)
    ]
    # Types are joined on text, as a null equals nothing.
    key = pc.binary_join_element_wise(words["catalogue"], pc.fill_null(words["type"], ""), "\n")
    table = pa.table({"key": key, "label": pa.array(leaves, pa.string()), "rank": pa.array(ranks, pa.int64())})
    asked = pc.binary_join_element_wise(catalogues["catalogue"], pc.fill_null(catalogues["type"], ""), "\n")
    places = pc.index_in(asked, value_set=table["key"].combine_chunks())
    found = table.take(places)
    return pa.table(
        {
            "oid": catalogues["oid"],
            "entry": catalogues["name"],
            "label": found["label"],
            "rank": found["rank"],
            "catalogue": catalogues["catalogue"],
            "type": catalogues["type"],
            "catalogue_ra": catalogues["ra"],
            "catalogue_dec": catalogues["dec"],
        }
    )


def _others(rows: pa.Table, first: pa.Table) -> pa.Array:
    """Give for each chosen label the leaves other entries stand for, as ``leaf (catalogue), ...``."""
    doubted = first.filter(pc.greater(first["label_count_distinct"], 1))
    chosen = dict(zip(doubted["oid"].to_pylist(), doubted["label_first"].to_pylist(), strict=True))
    rows = rows.filter(pc.is_in(rows["oid"], value_set=doubted["oid"].combine_chunks()))
    told: dict[str, dict[str, None]] = {}
    for oid, label, catalogue in zip(*(rows[name].to_pylist() for name in ("oid", "label", "catalogue")), strict=True):
        if label not in (None, chosen[oid]):
            told.setdefault(oid, {})[f"{label} ({catalogue})"] = None
    said = [", ".join(told[oid]) if oid in told else None for oid in first["oid"].to_pylist()]
    return pa.array(said, pa.string())


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    counted = {entry["values"]: entry["counts"] for entry in column.value_counts().to_pylist()}
    return {name: counted[name] for name in sorted(name for name in counted if name is not None)}
