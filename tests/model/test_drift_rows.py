"""What a night's rows show beside the same objects' own past."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.drift.decision import Verdict, decide
from starloop.drift.measure import measure
from starloop.drift.seen import Seen
from starloop.drift.thresholds import moved
from tests.model.drifting import LEARNT, NIGHT, PARAMS, by_group, changed, described, seen, tables, tonight

REFERENCE = described()
ROWS = tables()
Rows = dict[str, pa.Table]


def measured(rows: Rows) -> list[dict[str, Any]]:
    return measure(REFERENCE, seen(rows), PARAMS)["measures"]


QUIET = measured(ROWS)


def signs(found: list[dict[str, Any]]) -> set[tuple[str, str, str | None]]:
    """Give name, archive and band of what moved."""
    return {(one["name"], one["archive"], one["band"]) for one in found if moved(one, PARAMS.standard_errors)}


def red(rows: pa.Table) -> np.ndarray:
    if "filtercode" in rows.column_names:
        return rows["filtercode"].to_numpy() == "zr"
    return rows["fid"].to_numpy() == 2


def shifted(mag: float) -> Rows:
    rows = dict(ROWS)
    for name, column in (("detections", "magpsf_corr"), ("releases", "mag")):
        before = rows[name][column].to_numpy()
        rows[name] = changed(rows[name], column, before + mag, tonight(rows[name]) & red(rows[name]))
    return rows


def with_column(name: str, column: str, values: float) -> Rows:
    return {**ROWS, name: changed(ROWS[name], column, values, tonight(ROWS[name]))}


def taken_three_times(rows: pa.Table) -> pa.Table:
    night = rows.filter(pa.array(tonight(rows)))
    later = [
        night.set_column(rows.column_names.index("mjd"), "mjd", pa.array(night["mjd"].to_numpy() + days))
        for days in (0.01, 0.02)
    ]
    return pa.concat_tables([rows, *later])


def without_red(rows: pa.Table) -> pa.Table:
    return rows.filter(pa.array(~(tonight(rows) & red(rows))))


def noisier(rows: pa.Table, column: str) -> pa.Table:
    noise = np.random.default_rng(7).normal(0, 0.15, rows.num_rows)
    return changed(rows, column, rows[column].to_numpy() + noise, tonight(rows))


def test_an_ordinary_night_shows_nothing() -> None:
    assert signs(QUIET) == set()


@settings(max_examples=6, deadline=None)
@given(st.floats(0.3, 1.0), st.sampled_from([-1, 1]))
def test_a_constant_offset_is_found_in_its_band_and_in_no_other(size: float, sign: int) -> None:
    found = measured(shifted(sign * size))
    for group, offset in by_group(found, "offset").items():
        added = sign * size if group.endswith(" r") else 0.0
        assert offset == pytest.approx(by_group(QUIET, "offset")[group] + added, abs=1e-5)
    assert signs(found) == {("offset", "ALeRCE", "r"), ("offset", "IRSA", "r")}


@settings(max_examples=3, deadline=None)
@given(st.integers(0, 99))
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    order = np.random.default_rng(seed)
    shuffled = {name: rows.take(order.permutation(len(rows))) for name, rows in ROWS.items()}
    for one, other in zip(measured(shuffled), QUIET, strict=True):
        assert one == pytest.approx(other)


@pytest.mark.parametrize(
    ("rows", "shown"),
    [
        pytest.param(
            lambda: with_column("releases", "oid", 999),
            {("new identifiers", "IRSA", "g"), ("new identifiers", "IRSA", "r")},
            id="a new data release",
        ),
        pytest.param(
            lambda: with_column("releases", "catflags", 32768), {("stuck", "IRSA", None), ("values", "IRSA", None)},
            id="a flag on every epoch",
        ),
        pytest.param(
            lambda: with_column("detections", "rb", 0.5), {("stuck", "ALeRCE", None), ("values", "ALeRCE", None)},
            id="one score on every alert",
        ),
        pytest.param(
            lambda: with_column("releases", "chi", np.nan), {("nulls", "IRSA", None)}, id="a column no longer filled"
        ),
        pytest.param(
            lambda: with_column("detections", "diffmaglim", 21.6), {("depth", "ALeRCE", "g"), ("depth", "ALeRCE", "r")},
            id="deeper exposures",
        ),
        pytest.param(
            lambda: {**ROWS, "releases": taken_three_times(ROWS["releases"])}, {("rows a night", "IRSA", None)},
            id="every image three times",
        ),
        pytest.param(
            lambda: {**ROWS, "releases": noisier(ROWS["releases"], "mag")},
            {("scatter", "IRSA", None), ("disagreement", None, None)},
            id="magnitudes that scatter farther than their errors",
        ),
        pytest.param(
            lambda: {**ROWS, "releases": without_red(ROWS["releases"])},
            {("band lost", "IRSA", "r")},
            id="a band that is not there",
        ),
    ],
)  # fmt: skip
def test_a_changed_archive_is_named_by_what_has_changed(
    rows: Callable[[], Rows], shown: set[tuple[str, str, str | None]]
) -> None:
    assert signs(measured(rows())) == shown


def test_variable_stars_that_fade_together_in_both_bands_do_not_scatter() -> None:
    rows = dict(ROWS)
    for name, column in (("detections", "magpsf_corr"), ("releases", "mag")):
        fading = np.random.default_rng(3).normal(0, 0.5, 60)[
            np.unique(rows[name][_object(name)].to_numpy(), return_inverse=True)[1]
        ]
        rows[name] = changed(rows[name], column, rows[name][column].to_numpy() + fading, tonight(rows[name]))
    assert not {one for one in signs(measured(rows)) if one[0] in ("scatter", "disagreement")}


def _object(name: str) -> str:
    return "query" if name == "releases" else "oid"


def test_new_objects_do_not_count_as_a_changed_archive() -> None:
    """They have no past: a survey that turns elsewhere, three times a night, measures the old objects as before."""
    new = tables(120, seed=9)["detections"]
    new = new.filter(pa.array(tonight(new)))
    named = pa.array([f"NEW{oid}" for oid in new["oid"].to_pylist()])
    new = changed(new.set_column(0, "oid", named), "rb", 0.1, np.ones(len(new), bool))
    rows = {**ROWS, "detections": pa.concat_tables([ROWS["detections"], taken_three_times(new)])}
    assert signs(measured(rows)) == set()


def test_ten_times_the_objects_seen_once_each_are_a_flood() -> None:
    many = tables(3000, seed=4)["detections"]
    once = many.filter(pa.array(tonight(many) & red(many)))
    rows = {**ROWS, "detections": once}
    reference = {**REFERENCE, "objects_per_night": {str(LEARNT): 240}}
    night = Seen(str(NIGHT), *(seen(count=3000).features, seen(count=3000).predictions), rows)
    found = measure(reference, night, PARAMS)["measures"]
    assert {one["name"] for one in found if one["what"] == "volume" and moved(one, 3)} == {"objects", "seen once"}


def test_too_few_objects_say_nothing() -> None:
    few = {name: rows.slice(0, 10 * 30) for name, rows in shifted(0.5).items()}
    assert {
        value
        for name in ("offset", "depth", "scatter", "disagreement", "nulls")
        for value in by_group(measured(few), name).values()
    } == {None}


def test_quarantined_rows_are_a_sign_where_there_is_a_ledger() -> None:
    plain = seen()
    night = Seen(plain.night, plain.features, plain.predictions, plain.tables, {"detections": 0.04, "releases": 0.001})
    found = measure(REFERENCE, night, PARAMS)["measures"]
    assert by_group(found, "quarantined") == {"detections": 0.04, "releases": 0.001}
    assert [one["group"] for one in found if one["name"] == "quarantined" and moved(one, 3)] == ["detections"]


def test_an_offset_that_stays_is_the_archives_and_named_with_its_band() -> None:
    nights = [{**measure(REFERENCE, seen(shifted(0.3)), PARAMS), "night": f"2020-06-{day}"} for day in (20, 21)]
    verdict = decide(nights, PARAMS)
    assert verdict == Verdict(
        "archive", verdict.reasons, ["2020-06-20", "2020-06-21"], ["ALeRCE", "IRSA"], ["r"], ["calibration"]
    )
    assert "offset of ALeRCE detections r +0.2" in verdict.reasons[0]
