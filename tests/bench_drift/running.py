"""Making and measuring the courses of many seeds, two at a time."""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from rich.progress import track

from starloop.drift.measure import measure
from starloop.drift.params import DriftParams
from starloop.model.bundle import Classifier
from tests.bench_drift.course import KINDS, QUIET, Watched, course

Measured = list[dict[str, Any]]


def run(
    seeds: Sequence[int], champion: Path, kinds: tuple[str, ...] = KINDS, quiet: int = QUIET
) -> dict[int, Measured]:
    """Measure the nights of every seed's course; the same seeds give the same numbers."""
    # One core a process: libraries that start threads of their own would fight over the two there are.
    os.environ["OMP_NUM_THREADS"] = "1"
    work = partial(_measured, champion=champion, kinds=kinds, quiet=quiet)
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        every = track(pool.map(work, seeds), f"skies of {len(seeds)} seeds", len(seeds))
        return dict(zip(seeds, every, strict=True))


def _measured(seed: int, champion: Path, kinds: tuple[str, ...], quiet: int) -> Measured:
    params = DriftParams()
    nights: Measured = []
    reference: dict[str, Any] = {}
    for step in course(seed, Classifier.load(champion), kinds, quiet):
        if isinstance(step, Watched):
            nights.append({"kind": step.kind, "night": measure(reference, step.seen, params)})
        else:
            reference = step
    return nights
