"""Requests that wait are answered together, each with its own answer."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from starloop.endpoint.batching import Batches


class Work:
    """Doubles numbers, keeps what it was given at once, and holds the first batch until it is let go."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.begun, self.go = Event(), Event()

    def __call__(self, asked: Sequence[int]) -> list[int]:
        self.batches.append(list(asked))
        if len(self.batches) == 1:
            self.begun.set()
            assert self.go.wait(30)
        if -1 in asked:
            raise ValueError("minus one")
        return [2 * one for one in asked]


def _at_once(batches: Batches[int, int], work: Work, later: list[list[int]]) -> list["list[int] | Exception"]:
    """Ask once, and while that is worked on everything else."""
    with ThreadPoolExecutor(len(later) + 1) as pool:
        first = pool.submit(batches.answer, [0])
        assert work.begun.wait(30)
        others = [pool.submit(batches.answer, asked) for asked in later]
        while len(batches._waiting) < len(later):
            pass
        work.go.set()
        assert first.result(30) == [0]
        return [other.exception(30) or other.result(30) for other in others]


def test_those_who_wait_are_one_batch_and_each_has_its_own_answer() -> None:
    work = Work()
    later = [[number, 10 * number] for number in range(1, 9)]
    assert _at_once(Batches(work, most=100), work, later) == [[2 * a, 2 * b] for a, b in later]
    assert len(work.batches) == 2


def test_a_batch_holds_no_more_than_it_may_and_a_larger_request_is_one_of_its_own() -> None:
    work = Work()
    told = _at_once(Batches(work, most=4), work, [[1, 2, 3], [4, 5], [6] * 9])
    assert sorted(map(len, told)) == [2, 3, 9]
    assert sorted(map(len, work.batches)) == [1, 2, 3, 9]


def test_a_request_that_fails_costs_its_neighbours_nothing() -> None:
    work = Work()
    told = _at_once(Batches(work, most=100), work, [[1], [-1], [3]])
    assert [told[0], told[2]] == [[2], [6]]
    with pytest.raises(ValueError, match="minus one"):
        raise told[1]
