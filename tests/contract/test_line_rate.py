"""How fast a line asks, and how evenly."""

import math
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from pyrate_limiter import MonotonicClock

from starloop.archives.config import ArchiveSettings
from starloop.archives.line import Line

RATE = 20.0


def _line(rate_per_s: float, connections: int = 4) -> Line:
    return Line("Archive", ArchiveSettings(url="", rate_per_s=rate_per_s, connections=connections), "TESTED")


def _at_once(threads: int, work: Callable[[int], object]) -> None:
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))


@pytest.mark.parametrize("rate", [0.5, 1, 3.3, 5, 20, 100, 300])
def test_no_second_has_more_requests_than_the_rate_however_late_a_thread_wakes_up(rate, monkeypatch):
    now, chance = [0.0], random.Random(1)

    def sleep(seconds: float) -> None:
        now[0] += seconds + chance.expovariate(500)

    monkeypatch.setattr("pyrate_limiter.limiter.sleep", sleep)
    monkeypatch.setattr(MonotonicClock, "now", lambda self: int(1000 * now[0]))
    to, sent = _line(rate), []
    for _ in range(int(5 * rate) + 20):
        to.exchange(lambda: (sent.append(now[0]), 0))
        now[0] += 0.1 * chance.expovariate(rate)  # the request itself
    window_s = max(1.0, 1 / rate)
    assert max(sum(first <= at < first + window_s for at in sent) for first in sent) <= math.ceil(rate)
    assert (len(sent) - 1) / (sent[-1] - sent[0]) >= 0.9 * rate


@pytest.mark.parametrize("latency_s", [0.0, 0.15])
def test_the_rate_is_nearly_reached_by_many_threads(latency_s):
    to, sent, ends = _line(RATE, connections=8), [], time.monotonic() + 2

    def send() -> tuple[None, int]:
        sent.append(time.monotonic())
        time.sleep(latency_s)
        return None, 0

    def work(_: int) -> None:
        while time.monotonic() < ends:
            to.exchange(send)

    _at_once(8, work)
    assert 0.9 * RATE <= (len(sent) - 1) / (max(sent) - min(sent)) <= RATE


def test_waiting_for_a_connection_does_not_let_requests_pile_up():
    to, sent = _line(RATE, connections=2), []

    def send() -> tuple[None, int]:
        sent.append(time.monotonic())
        time.sleep(0.5 if len(sent) <= 2 else 0)
        return None, 0

    _at_once(16, lambda _: to.exchange(send))
    # Those that waited half a second for the first two would otherwise all go at once. One thread may wake up late.
    waited = sorted(sent)[2:]
    assert waited[-1] - waited[0] > 0.5 * (len(waited) - 1) / RATE


def test_many_lines_start_no_threads_of_their_own():
    before = threading.active_count()
    lines = [_line(RATE) for _ in range(50)]
    for to in lines:
        to.exchange(lambda: (None, 0))
    assert threading.active_count() == before
