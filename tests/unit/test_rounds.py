"""Rounds of asking: every key ends once, with its true rows, as truly empty, or with a reason."""

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from starloop.archives.config import ArchiveSettings
from starloop.archives.line import Banned, Line, Refused, Unavailable
from starloop.archives.rounds import FALSE_EMPTIES, ROUNDS, Answer, Weather, each, is_empty
from starloop.errors import ArchiveDown, BadInput

LINE = Line("Archive", ArchiveSettings(url="http://archive", connections=3), "ARCHIVE")
NOTHING = {"rows": pa.table({"n": pa.array([], pa.int64())})}


def _rows(number: int) -> Answer:
    return {"rows": pa.table({"n": list(range(number))})}


@dataclass
class Kept:
    """A journal, and what was put into it."""

    answers: dict[str, Answer] = field(default_factory=dict)
    puts: Counter[str] = field(default_factory=Counter)

    def known(self, source: str) -> set[str]:
        return set(self.answers)

    def put(self, source: str, key: str, answer: Answer) -> None:
        self.puts[key] += 1
        self.answers[key] = answer


@dataclass
class Sky:
    """An archive that knows how many rows each key has, and misbehaves at random, the same way for any order."""

    rows: Mapping[str, int]
    unavailable: float = 0.0
    empty: float = 0.0
    refused: float = 0.0
    seed: int = 0
    asked: Counter[str] = field(default_factory=Counter)

    def __call__(self, key: str) -> Answer:
        self.asked[key] += 1
        chance = random.Random(f"{self.seed} {key} {self.asked[key]}")
        if chance.random() < self.unavailable:
            raise Unavailable("status 503")
        if chance.random() < self.refused:
            raise Refused("status 404")
        return NOTHING if chance.random() < self.empty else _rows(self.rows[key])


def _each(sky, journal=None, progress=lambda done, total: None, canary=lambda: None, keys=None):
    kept = Kept() if journal is None else journal
    return each(LINE, "tested", sky.rows if keys is None else keys, sky, kept, progress, canary), kept


@settings(max_examples=60, deadline=None)
@given(
    rows=st.dictionaries(st.text("abc", min_size=1, max_size=4), st.integers(0, 3), max_size=40),
    unavailable=st.floats(0, 0.6),
    empty=st.floats(0, 0.1),
    refused=st.floats(0, 0.2),
    seed=st.integers(0, 10**6),
)
def test_every_key_ends_exactly_once(rows, unavailable, empty, refused, seed):
    told = []
    sky = Sky(rows, unavailable, empty, refused, seed)
    failures, kept = _each(sky, progress=lambda done, total: told.append((done, total)))
    assert set(failures) | set(kept.answers) == set(rows)
    assert not set(failures) & set(kept.answers)
    assert set(kept.puts.values()) <= {1}
    assert list(failures) == sorted(failures)
    assert set(failures.values()) <= {"status 503", "status 404", "its empty answers cannot be believed"}
    for key, answer in kept.answers.items():
        assert is_empty(answer) or answer["rows"].num_rows == rows[key]
    assert told[-1] == (len(rows), len(rows))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert max(sky.asked.values(), default=0) <= ROUNDS


@pytest.mark.parametrize("empty", [0.0, 0.01, 0.05, 0.1])
@pytest.mark.parametrize("barren", [0.0, 0.5])
def test_an_object_with_rows_is_hardly_ever_believed_to_have_none(empty, barren):
    nights, keys = 30, 100
    lost, unsettled = 0, 0
    for seed in range(nights):
        rows = {f"{key:03}": 0 if key < barren * keys else 1 for key in range(keys)}
        failures, kept = _each(Sky(rows, unavailable=0.02, empty=empty, seed=seed))
        lost += sum(is_empty(answer) and rows[key] > 0 for key, answer in kept.answers.items())
        unsettled += len(failures)
    # so many are exceeded by chance in one of a thousand runs of this test
    expected = FALSE_EMPTIES * nights
    assert lost <= next(n for n in range(10) if 1 - _poisson(n, expected) < 1e-3)
    assert unsettled == 0


def _poisson(most: int, mean: float) -> float:
    return sum(math.exp(-mean) * mean**n / math.factorial(n) for n in range(most + 1))


def test_an_archive_that_is_often_wrong_is_asked_more_often():
    """The number of times is that after which the objects with rows that are missed are fewer than 0.001 on average."""
    assert {weather: Weather(*weather).often_enough() for weather in WEATHERS} == WEATHERS
    assert all(_missed(*weather, said) <= FALSE_EMPTIES for weather, said in WEATHERS.items() if 2 <= said < 6)
    assert all(_missed(*weather, said - 1) > FALSE_EMPTIES for weather, said in WEATHERS.items() if said > 2)


WEATHERS = {
    (0, 0): 6,
    (1, 0): 6,
    (10, 0): 5,
    (100, 0): 3,
    (1000, 0): 2,
    (100_000, 0): 2,
    (1000, 1): 3,
    (1000, 10): 4,
    (1000, 111): 6,
    (1000, 500): 6,
}


def _missed(true: int, false: int, said: int) -> float:
    """Average p**said over the beta distribution, for each object with rows."""
    a, b = false + 0.5, true + 0.5
    log = math.lgamma(a + said) - math.lgamma(a) + math.lgamma(a + b) - math.lgamma(a + b + said)
    return max(true, 1) * math.exp(log)


def test_what_is_known_is_not_asked():
    sky, journal = Sky({"a": 1, "b": 0, "c": 2}), Kept({"a": _rows(1), "b": {}})
    told = []
    failures, kept = _each(sky, journal, lambda done, total: told.append((done, total)))
    assert set(sky.asked) == {"c"}
    assert (failures, set(kept.puts)) == ({}, {"c"})
    assert (told[0], told[-1]) == ((2, 3), (3, 3))


def test_nothing_is_asked_and_all_is_told_when_everything_is_known():
    sky, told = Sky({"a": 1}), []
    _each(sky, Kept({"a": _rows(1)}), lambda done, total: told.append((done, total)))
    assert (sky.asked, told) == ({}, [(1, 1)])


def test_a_key_that_is_wanted_twice_is_asked_once():
    sky = Sky({"a": 1})
    _each(sky, keys=["a", "a"])
    assert sky.asked == {"a": 1}


def test_a_refusal_is_not_asked_again_and_an_unavailable_answer_is():
    def ask(key: str) -> Answer:
        asked[key] += 1
        if key == "refused":
            raise Banned("status 403")
        if key == "late" and asked[key] < ROUNDS:
            raise Unavailable("status 503")
        if key == "never":
            raise Unavailable("HTML instead of CSV")
        return _rows(1)

    asked, kept = Counter(), Kept()
    failures = each(LINE, "tested", ["refused", "late", "never", "soon"], ask, kept, lambda *_: None, lambda: None)
    assert failures == {"never": "HTML instead of CSV", "refused": "status 403"}
    assert asked == {"refused": 1, "late": ROUNDS, "never": ROUNDS, "soon": 1}
    assert set(kept.answers) == {"late", "soon"}


def test_the_reason_of_an_object_whose_empty_answers_came_too_late_is_that():
    def ask(key: str) -> Answer:
        asked.append(key)
        if len(asked) < ROUNDS:
            raise Unavailable("status 503")
        return NOTHING

    asked = []
    failures = each(LINE, "tested", ["a"], ask, Kept(), lambda *_: None, lambda: None)
    assert failures == {"a": "its empty answers cannot be believed"}


def test_nothing_empty_is_believed_when_the_archive_is_silent_about_what_it_must_know():
    def canary() -> None:
        raise ArchiveDown("no detections of an object that has always had some")

    kept = Kept()
    with pytest.raises(ArchiveDown, match="always had some"):
        _each(Sky({f"{n}": n % 2 for n in range(20)}), kept, canary=canary)
    assert sorted(kept.answers, key=int) == [f"{n}" for n in range(1, 20, 2)]


def test_the_canary_is_only_asked_for_empty_answers():
    looked = []
    _each(Sky({"a": 1, "b": 2}), canary=lambda: looked.append(1))
    assert not looked
    _each(Sky({"a": 1, "b": 0}), canary=lambda: looked.append(1))
    assert len(looked) == 1


def test_what_was_answered_before_the_archive_went_down_is_kept_and_nothing_more_is_asked():
    def ask(key: str) -> Answer:
        asked.append(key)
        if int(key) < LINE.settings.connections:
            gate.wait(5)  # all are under way when the first one finds the archive down
        time.sleep(0.002)
        if key == "000":
            raise ArchiveDown("3 requests in a row failed")
        return _rows(1)

    asked, kept, gate = [], Kept(), threading.Barrier(LINE.settings.connections)
    with pytest.raises(ArchiveDown, match="3 requests in a row failed"):
        each(LINE, "tested", [f"{n:03}" for n in range(500)], ask, kept, lambda *_: None, lambda: None)
    assert {"001", "002"} <= set(kept.answers) == set(asked) - {"000"}
    assert len(asked) < 500


def test_an_error_that_is_no_archive_s_ends_the_asking_at_once():
    def ask(key: str) -> Answer:
        asked.append(key)
        time.sleep(0.002)
        raise BadInput("MAST does not accept the token")

    asked: list[str] = []
    with pytest.raises(BadInput, match="token"):
        each(LINE, "tested", map(str, range(500)), ask, Kept(), lambda *_: None, list)
    assert len(asked) < 500


def test_no_more_questions_are_under_way_than_the_line_has_connections():
    def ask(key: str) -> Answer:
        with lock:
            under_way.add(key)
            most.append(len(under_way))
        gate.wait(5)
        with lock:
            under_way.discard(key)
        return _rows(1)

    lock, under_way, most = threading.Lock(), set(), []
    gate = threading.Barrier(LINE.settings.connections)
    each(LINE, "tested", map(str, range(30)), ask, Kept(), lambda *_: None, list)
    assert max(most) == LINE.settings.connections


def test_an_answer_is_empty_when_none_of_its_tables_has_rows():
    assert is_empty({})
    assert is_empty(NOTHING)
    assert is_empty(NOTHING | {"others": NOTHING["rows"]})
    assert not is_empty(NOTHING | {"others": _rows(1)["rows"]})
