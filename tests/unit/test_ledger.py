"""The ledger accepts exactly the counts that add up."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starloop.errors import BadInput, Imbalance
from starloop.nights.ledger import COLUMNS, Counts, Ledger

NUMBERS = st.integers(min_value=0, max_value=3)
COUNTS = st.builds(
    Counts,
    requested=NUMBERS,
    received=NUMBERS,
    empty=NUMBERS,
    failed=NUMBERS,
    rows_received=NUMBERS,
    accepted=NUMBERS,
    quarantined=NUMBERS,
    duplicate=NUMBERS,
)


def ledger(**sources: Counts) -> Ledger:
    return Ledger(night="2020-03-01", sky="test", sources=sources)


@given(COUNTS)
def test_it_balances_exactly_when_objects_and_rows_add_up(n: Counts) -> None:
    objects = n.requested == n.received + n.empty + n.failed
    rows = n.rows_received == n.accepted + n.quarantined + n.duplicate
    if objects and rows:
        ledger(detections=n).balance()
    else:
        with pytest.raises(Imbalance, match="detections"):
            ledger(detections=n).balance()


@given(st.tuples(*[st.integers(0, 10**9)] * 6))
def test_counts_that_add_up_always_balance(n: tuple[int, ...]) -> None:
    balanced = Counts(
        requested=sum(n[:3]), received=n[0], empty=n[1], failed=n[2],
        rows_received=sum(n[3:]), accepted=n[3], quarantined=n[4], duplicate=n[5],
    )  # fmt: skip
    ledger(releases=balanced).balance()


def test_a_lost_row_is_named_with_its_numbers() -> None:
    lost = Counts(requested=1, received=1, rows_received=10, accepted=8, quarantined=1)
    with pytest.raises(Imbalance, match=r"releases received 10 rows but counts 8 accepted \+ 1 quarantined"):
        ledger(objects=Counts(), releases=lost).balance()


def test_it_reads_back_what_it_wrote_and_writes_the_same_bytes(tmp_path: Path) -> None:
    kept = ledger(tess=Counts(requested=1, failed=1, failures={"25155310": "malformed"}), objects=Counts())
    kept.save(tmp_path / "a.json")
    Ledger.load(tmp_path / "a.json").save(tmp_path / "b.json")
    assert Ledger.load(tmp_path / "b.json") == kept
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize("content", ["", "[]", '{"night": "2020-03-01"}'])
def test_a_file_that_is_no_ledger_is_bad_input(tmp_path: Path, content: str) -> None:
    (tmp_path / "ledger.json").write_text(content)
    with pytest.raises(BadInput, match=r"ledger\.json is not a night's ledger"):
        Ledger.load(tmp_path / "ledger.json")


def test_its_rows_are_sorted_and_fit_their_headings() -> None:
    rows = ledger(tess=Counts(), objects=Counts(requested=2, received=2)).rows()
    assert [row[:3] for row in rows] == [("objects", 2, 2), ("tess", 0, 0)]
    assert all(len(row) == len(COLUMNS) for row in rows)
