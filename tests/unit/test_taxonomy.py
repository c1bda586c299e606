"""The tree of classes, catalogues' words for them, and folding."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.model import taxonomy
from starloop.model.labels import labels, report
from starloop.sky.tables import CATALOGUES

VSX, CHEN, QUASARS = "B/vsx/vsx", "J/ApJS/249/18/table2", "VII/290"


@pytest.mark.parametrize(
    ("catalogue", "word", "leaf"),
    [
        ("BTS", "SN Ia-91T", "SNIa"),
        ("BTS", "SN IIb", "SNIbc"),
        ("BTS", "SN IIn", "SNIIn"),
        ("BTS", "LRN", "transient-other"),
        ("BTS", "other", None),
        ("BTS", "SN Ic-BL", "SNIbc"),
        ("BTS", "SLSN-I", "SLSN"),
        ("BTS", "nova", "CV/Nova"),
        ("BTS", "-", None),
        (VSX, "RRAB", "RRL"),
        (VSX, "RRAB/BL", "RRL"),
        (VSX, "DCEP:", "CEP"),
        (VSX, "EB|EW", "EB/EW"),
        (VSX, "EA|EB", None),
        (VSX, "EA|VAR", None),
        (VSX, "EA+VAR", "EA"),
        (VSX, "EA+DSCT", None),
        (VSX, "VAR", None),
        (VSX, None, None),
        (CHEN, "BYDra", "RSCVN"),
        (QUASARS, "QRX", "QSO"),
        (QUASARS, None, "QSO"),
        ("elsewhere", "RRAB", None),
    ],
)
def test_words_become_leaves(catalogue: str, word: str | None, leaf: str | None) -> None:
    assert taxonomy.leaf(catalogue, word) == leaf


def test_every_word_stands_for_a_leaf_of_the_tree() -> None:
    for catalogue in taxonomy.catalogues().values():
        assert set(catalogue.types.values()) <= set(taxonomy.parents())


@given(st.dictionaries(st.sampled_from(list(taxonomy.parents())), st.integers(0, 30)), st.integers(1, 20))
def test_a_class_that_is_kept_has_enough_labels(counts: dict[str, int], minimum: int) -> None:
    target = taxonomy.fold(counts, minimum)
    assert set(target) == set(counts)
    together: dict[str, int] = {}
    for leaf, to in target.items():
        assert to in {leaf, taxonomy.others()[taxonomy.parents()[leaf]], None}
        if to is None:
            assert counts[leaf] < minimum
        else:
            together[to] = together.get(to, 0) + counts[leaf]
    assert all(count >= minimum for count in together.values())


def test_rare_periodic_leaves_join_the_other_periodic_ones() -> None:
    assert taxonomy.fold({"CEP": 3, "Periodic-Other": 6, "RRL": 9}, 8) == {
        "CEP": "Periodic-Other",
        "Periodic-Other": "Periodic-Other",
        "RRL": "RRL",
    }


def _entries(*rows: tuple[str, str, str | None, str | None]) -> pa.Table:
    names = ("catalogue", "name", "type", "oid")
    columns = {name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)}
    return pa.table(
        {**columns, "ra": pa.array([1.0] * len(rows), pa.float64()), "dec": pa.array([2.0] * len(rows), pa.float64())}
    )


def test_spectra_win_over_people_over_machines_and_conflicts_are_counted() -> None:
    chosen = labels(
        _entries(
            (QUASARS, "q", "Q", "b"),
            (VSX, "v", "RRAB", "a"),
            (CHEN, "c", "EW", "a"),
            ("BTS", "s", "SN Ia", "b"),
            (VSX, "w", "VAR", "c"),
            (CHEN, "d", "EW", "c"),
            (VSX, "x", None, "d"),
            (VSX, "y", "M", None),
        )
    )
    assert chosen.select(["oid", "label", "entry", "conflicts", "others"]).to_pylist() == [
        {"oid": "a", "label": "RRL", "entry": "v", "conflicts": 1, "others": f"EB/EW ({CHEN})"},
        {"oid": "b", "label": "SNIa", "entry": "s", "conflicts": 1, "others": f"QSO ({QUASARS})"},
        {"oid": "c", "label": "EB/EW", "entry": "d", "conflicts": 0, "others": None},
        {"oid": "d", "label": None, "entry": "x", "conflicts": 0, "others": None},
    ]
    assert report(chosen)["conflicts"] == 2
    assert report(chosen)["unmapped"] == {"B/vsx/vsx: None": 1}


def test_no_entries_give_no_labels() -> None:
    assert labels(_entries()).num_rows == 0
    assert report(labels(_entries()))["conflicts"] == 0


def test_labels_are_sorted_by_object_however_many_there_are() -> None:
    entries = [
        {"catalogue": "B/vsx/vsx", "name": f"V{number}", "type": "RRAB", "oid": f"ZTF18a{number:06d}"}
        for number in range(3000)
    ]
    oids = labels(pa.Table.from_pylist(entries, schema=CATALOGUES))["oid"].to_pylist()
    assert oids == sorted(oids)
