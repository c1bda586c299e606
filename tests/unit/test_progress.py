"""What is told while a night is fetched, and what is kept of its cost."""

import json
import time
from dataclasses import replace

import pytest

from starloop.archives.config import ArchiveSettings
from starloop.archives.line import Line
from starloop.nights.progress import Step, Watch, cost, duration

STEP = Step("alerts", done=0, total=100, began_with=0, seconds=0.0, requests=0, retries=0, received_bytes=0)


def _line(name: str = "ALeRCE") -> Line:
    return Line(name, ArchiveSettings(url=f"http://{name.lower()}"), name.upper())


@pytest.mark.parametrize(
    ("done", "began_with", "seconds"),
    [(0, 0, 60.0), (19, 0, 60.0), (20, 0, 2.9), (0, 0, 0.0), (99, 80, 60.0), (80, 80, 60.0)],
)
def test_nothing_is_estimated_from_few_objects_or_a_short_time(done, began_with, seconds):
    step = replace(STEP, done=done, began_with=began_with, seconds=seconds)
    assert step.per_s is None
    assert step.remaining_s is None
    assert "time left not known yet" in str(step)


@pytest.mark.parametrize(
    ("done", "began_with", "seconds", "per_s", "remaining_s"),
    [(20, 0, 4.0, 5.0, 16.0), (60, 40, 10.0, 2.0, 20.0), (100, 50, 25.0, 2.0, 0.0), (50, 0, 3.0, 50 / 3, 3.0)],
)
def test_the_estimate_follows_from_the_objects_of_this_run(done, began_with, seconds, per_s, remaining_s):
    step = replace(STEP, done=done, began_with=began_with, seconds=seconds)
    assert (step.per_s, step.remaining_s) == (pytest.approx(per_s), pytest.approx(remaining_s))


def test_a_step_is_told_in_one_line():
    step = Step("epochs", 60, 100, 40, 10.0, requests=25, retries=3, received_bytes=2_340_000)
    assert str(step) == "epochs: 60 of 100, 2.0 objects/s, 2.3 MB, 3 retries of 25 requests, about 20 s left"
    assert str(replace(step, done=100)) == "epochs: 100 of 100, 6.0 objects/s, 2.3 MB, 3 retries of 25 requests"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (61, "1 min 1 s"),
        (3599.7, "1 h 0 min"),
        (3661, "1 h 1 min"),
        (100_000, "27 h 46 min"),
    ],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds, told):
    assert duration(seconds) == told


def test_a_watch_tells_what_was_settled_and_spent_since_it_began():
    line, steps = _line(), []
    line.tally.requests, line.tally.retries, line.tally.received_bytes = 100, 10, 1000
    watch = Watch("alerts", line, steps.append)
    began = time.monotonic()
    watch(40, 100)
    line.tally.requests, line.tally.retries, line.tally.received_bytes = 107, 12, 1500
    watch(45, 100)
    assert steps[0] == replace(STEP, done=40, began_with=40, seconds=steps[0].seconds)
    assert steps[1] == Step("alerts", 45, 100, 40, steps[1].seconds, 7, 2, 500)
    assert 0 <= steps[0].seconds <= steps[1].seconds <= time.monotonic() - began + 0.1


def test_what_earlier_runs_fetched_does_not_make_the_next_one_look_fast(monkeypatch):
    now, steps = [1000.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    watch = Watch("alerts", _line(), steps.append)
    for done in range(500, 531):
        watch(done, 1000)
        now[0] += 1.0
    assert steps[-1].per_s == pytest.approx(1.0)
    assert steps[-1].remaining_s == pytest.approx(470.0)


def _spent(name: str, requests: int, retries: int, received: int, longest_s: float, **faults: int) -> Line:
    line = _line(name)
    line.tally.requests, line.tally.retries, line.tally.received_bytes = requests, retries, received
    line.tally.longest_s = longest_s
    line.tally.faults.update(faults)
    return line


def test_costs_add_up_over_runs_and_survive_being_kept():
    first = cost([_spent("ALeRCE", 10, 2, 500, 1.5, reset=2), _spent("IRSA", 4, 0, 90, 0.25)], {}, 12.3456)
    assert first == {
        "runs": 1,
        "seconds": 12.346,
        "archives": {
            "ALeRCE": {
                "url": "http://alerce",
                "requests": 10,
                "retries": 2,
                "received_bytes": 500,
                "longest_s": 1.5,
                "faults": {"reset": 2},
            },
            "IRSA": {
                "url": "http://irsa",
                "requests": 4,
                "retries": 0,
                "received_bytes": 90,
                "longest_s": 0.25,
                "faults": {},
            },
        },
    }
    kept = json.loads(json.dumps(first))
    second = cost([_spent("ALeRCE", 5, 1, 100, 0.5, reset=1, silent=1), _line("MAST")], kept, 7.0)
    assert (second["runs"], second["seconds"]) == (2, 19.346)
    assert second["archives"]["ALeRCE"] == {
        "url": "http://alerce",
        "requests": 15,
        "retries": 3,
        "received_bytes": 600,
        "longest_s": 1.5,
        "faults": {"reset": 3, "silent": 1},
    }
    assert second["archives"]["IRSA"] == first["archives"]["IRSA"]
    assert "MAST" not in second["archives"]  # it was never asked
    assert kept == first


def test_two_lines_to_one_archive_are_counted_together():
    counted = cost([_spent("MAST", 3, 0, 10, 0.1), _spent("MAST", 4, 1, 20, 0.2, reset=1)], {}, 1.0)
    assert counted["archives"]["MAST"]["requests"] == 7
    assert counted["archives"]["MAST"]["faults"] == {"reset": 1}
