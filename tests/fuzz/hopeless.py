"""All the bodies that must be refused."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.fuzz.bodies import CURVES, SCORES, TEXTS, Body
from tests.fuzz.drops import DROPS
from tests.fuzz.tables import TABLES


def hopeless(seed: int, number: int, curves: list[dict[str, Any]], score: dict[str, Any]) -> Iterator[Body]:
    """Give bodies, each of which must be refused, every kind as often as the others.

    Parameters
    ----------
    seed : int
        The same seed gives the same bodies.
    number : int
        How many.
    curves, score : list of dict, dict
        Good bodies of ``POST /classify`` and ``POST /score``, to be broken.
    """
    rng = np.random.default_rng(seed)
    makers = [*TEXTS, *CURVES, *SCORES, *TABLES, *DROPS]
    for turn in range(number):
        yield makers[turn % len(makers)](rng, curves, score)
