"""The nights of `make bench-drift` are those a loop would have."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from starloop.drift.decision import Verdict
from starloop.drift.params import DriftParams
from starloop.nights.calendar import Night
from starloop.sky.simulator.scenario import Scenario
from starloop.sky.simulator.write import make_sky
from starloop.sky.tables import TABLES
from tests.bench_drift.calibration import calibrate, ranges
from tests.bench_drift.judging import Outcome
from tests.bench_drift.nights import active, cut, observed
from tests.bench_drift.skies import Span, skies

NIGHT = Night.parse("2019-03-02")


@pytest.fixture
def tables():
    """Three objects over three nights: `a` on all of them, `b` on the last two, `c` on the first only."""
    begin = NIGHT.begin
    seen = [
        ("a", begin - 0.5),
        ("a", begin),
        ("a", begin + 1.0),
        ("b", begin + 0.9),
        ("b", begin + 1.2),
        ("c", begin - 0.1),
    ]
    oid, mjd = zip(*seen, strict=True)
    return {
        "detections": pa.table({"oid": oid, "mjd": mjd}),
        "non_detections": pa.table({"oid": ["b", "b"], "mjd": [begin - 3, begin + 2]}),
        "releases": pa.table({"oid": [1, 2, 3], "query": ["a", "b", "c"], "mjd": [begin - 0.5, begin + 1.2, begin]}),
        "objects": pa.table({"oid": ["c", "b", "a"]}),
        "catalogues": pa.table({"oid": ["a", "c"]}),
        "tess": TABLES["tess"].empty_table(),
    }


def test_the_objects_of_a_night_are_those_with_a_detection_in_it(tables):
    assert active(tables, NIGHT).to_pylist() == ["a", "b"]
    assert observed(tables, NIGHT.back(2), NIGHT.back(-2)) == [NIGHT.back(1), NIGHT, NIGHT.back(-1)]


def test_a_night_has_its_objects_whole_past_and_nothing_later(tables):
    night = cut(tables, NIGHT, active(tables, NIGHT))
    assert night["detections"].to_pydict() == {
        "oid": ["a", "a", "b"],
        "mjd": [NIGHT.begin - 0.5, NIGHT.begin, NIGHT.begin + 0.9],
    }
    assert night["non_detections"]["mjd"].to_pylist() == [NIGHT.begin - 3]
    assert night["releases"]["query"].to_pylist() == ["a"]
    assert night["objects"]["oid"].to_pylist() == ["a", "b"]
    assert night["catalogues"]["oid"].to_pylist() == ["a"]


def test_a_sky_made_of_objects_found_once_is_the_sky_made_whole_and_checked(tmp_path):
    seed, objects = 7, 60
    span = Span.of(seed)
    (_, ordinary), (kind, changed) = skies(seed, ("population",), objects)
    change = changed.change
    whole = make_sky(
        tmp_path / "sky",
        objects=objects,
        seed=seed,
        first=span.first,
        last=span.last,
        scenarios=[Scenario("population", change)],
        tess=0,
        workers=1,
    )
    assert kind == "population"
    for table in ("objects", "non_detections", "releases", "catalogues"):
        assert changed.tables[table] == whole.read(table)
    raw, good = whole.read("detections"), changed.tables["detections"]
    assert changed.quarantined["detections"] > 0
    assert len(good) < len(raw)
    assert pc.max(good["magpsf"]).as_py() < 100
    before = pc.less(good["mjd"], change.begin)
    assert good.filter(before) == ordinary.tables["detections"].filter(
        pc.less(ordinary.tables["detections"]["mjd"], change.begin)
    )


def _said(*kinds):
    return tuple(Verdict(kind, [], archives=["IRSA"], bands=["g"], what=["release"]) for kind in kinds)


@pytest.mark.parametrize(
    ("kind", "said", "right", "night"),
    [
        ("population", ("bad_night", "sky", "sky", "none", "none"), True, 2),
        ("population", ("bad_night", "archive", "archive", "none", "none"), False, None),
        ("depth", ("bad_night", "archive", "archive", "archive", "archive"), True, 2),
        ("depth", ("sky", "archive", "archive", "archive", "archive"), False, 2),
        ("flood", ("bad_night", "none", "none"), True, 1),
        ("flood", ("bad_night", "archive", "none"), False, 1),
        ("flood", ("none", "bad_night", "none"), False, 2),
    ],
)
def test_an_artefact_is_named_right_only_when_it_is_never_named_worse(kind, said, right, night):
    outcome = Outcome(kind, 1, _said(*said))
    assert (outcome.right, outcome.night) == (right, night)


def test_a_verdict_says_what_changed_when_it_names_the_archive_and_what_of_it():
    assert Outcome("data-release", 1, _said("none", "archive")).named
    assert not Outcome("cadence", 1, _said("none", "archive")).named
    assert not Outcome("zero-point", 1, _said("none", "archive")).named


def _course(values, group="answers", name="confidence", noise=0.0):
    """Give a course of ordinary nights with one measure, of a value each."""
    measures = [
        {"name": name, "group": group, "what": "classes", "archive": None, "band": None, "value": value, "noise": noise}
        for value in values
    ]
    return [
        {"kind": None, "night": {"night": f"2019-01-{day:02d}", "objects": 100, "measures": [one]}}
        for day, one in enumerate(measures, start=1)
    ]


def test_a_range_reaches_beyond_what_lasts_by_the_margin_and_errors_are_taken_off():
    # Of any three nights the newest and one other reach 0.2, 0.4 and 0.3, less three errors.
    seen = {1: _course([0.9, 0.2, 0.2, 0.4, 0.4, 0.3], noise=0.01), 2: _course([0.9, 0.2, 0.2], noise=0.01)}
    made = ranges(seen, 0.5, DriftParams(standard_errors=3))
    reached = [0.17, 0.17, 0.37, 0.27, 0.17]
    assert made["confidence"] == {"*": {"high": pytest.approx(0.37 + 0.5 * (0.37 - np.median(reached)))}}


def test_a_range_of_rows_has_single_nights_too_and_is_never_narrower_than_what_is_worth_a_look():
    values = [0.0, 0.0, 0.3, 0.0, -0.01, 0.0]
    made = ranges({1: _course(values, "ALeRCE detections g", "offset")}, 1.0, DriftParams())
    assert made["offset"]["*"] == {"low": -0.05, "high": 0.05, "odd_low": -0.05, "odd_high": 0.6}


def test_the_margin_is_the_least_with_which_no_sky_alarms_by_the_ranges_of_the_others():
    still = [0.0, 0.2, 0.2] * 4
    shifts = {1: 0.0, 2: 0.1, 3: 0.13}
    seen = {seed: _course([value + shift for value in still]) for seed, shift in shifts.items()}
    # Two nights of three reach 0.3 on the second sky, 0.1 above the median of the first two: the third's 0.33 lies 0.3
    # times as far beyond.
    found = calibrate(seen, DriftParams())
    assert (found.margin, found.nights, found.alarms) == (0.5, 30, 0)
    assert calibrate({1: _course(still), 2: _course([9.0] * 12)}, DriftParams()).alarms == 10
