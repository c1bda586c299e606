"""Processor time of work done in turn."""

import time
from collections.abc import Callable

import numpy as np


def least(*works: Callable[[], object], times: int) -> list[float]:
    """Do several works in turn, so many times; give each one's least seconds, for other work on the machine adds."""
    spent = np.empty((times, len(works)))
    for turn in range(times):
        for number, work in enumerate(works):
            began = time.process_time()
            work()
            spent[turn, number] = time.process_time() - began
    return [float(seconds) for seconds in spent.min(axis=0)]
